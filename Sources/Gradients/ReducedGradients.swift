import Buffers

/// The mean gradient of the global batch, the same on every rank: the only thing that an optimiser accepts. Only a
/// finished exchange makes one, so a gradient that was not reduced cannot be applied.
public struct ReducedGradients: ~Copyable {
  /// The whole arena, flat; complete once `forEachPart` has returned, and at once where it comes as one part.
  public let arena: Tensor
  /// Gradients of the rows that the global batch touched, on all ranks; nil where the model has no tables.
  public let tables: TableGradients?
  /// Nil where all is here.
  private let arrivals: (any GradientArrivals)?

  package init(arena: Tensor, tables: TableGradients? = nil, arrivals: (any GradientArrivals)? = nil) {
    self.arena = arena
    self.tables = tables
    self.arrivals = arrivals
  }

  /// Hands out each stretch of the arena once, as soon as it is reduced, while others are still on their way. Throws
  /// `MPIError` where one does not arrive.
  public borrowing func forEachPart(_ body: (Range<Int>) throws -> Void) throws {
    guard let arrivals else { return try body(0..<arena.count) }
    while let part = try arrivals.next() { try body(part) }
  }
}

/// Stretches of an arena that are reduced one after the other.
package protocol GradientArrivals: AnyObject {
  /// The next one, as soon as it is there; nil after the last. Throws `MPIError`.
  func next() throws -> Range<Int>?
}
