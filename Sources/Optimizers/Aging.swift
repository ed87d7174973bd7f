import Foundation

/// How far an update ages an average of gradients, in updates of the base batch: where half-lives are of samples, an update of
/// k times the base batch leaves βᵏ of what was there (arXiv 2507.07101), as k updates of the base batch do.
public struct Aging: Equatable, Sendable {
  /// The update's samples ÷ the base batch.
  public var step: Double
  /// The samples of all updates so far, this one included, ÷ the base batch.
  public var total: Double

  /// More than 0 both.
  public init(step: Double, total: Double) {
    self.step = step
    self.total = total
  }

  /// Of one update after `updates` others, whatever their batch.
  init(after updates: Int) { self.init(step: 1, total: Double(updates + 1)) }

  /// β of this update.
  package func decay(_ beta: Double) -> Double { pow(beta, step) }

  /// What is left of the zeros that an average began with: the product of all updates' β.
  func leftOfStart(_ beta: Double) -> Double { pow(beta, total) }
}
