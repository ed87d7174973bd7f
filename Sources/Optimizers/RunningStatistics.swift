import Buffers
import Gradients
import Kernels

/// The part of an arena that is not trained: running statistics, which follow the sums that lie where gradients do.
public struct RunningStatistics: Sendable {
  private let statistics: [(range: Range<Int>, average: MovingAverage)]

  /// For arenas of this layout.
  public init(layout: ParameterLayout) {
    statistics = layout.entries.compactMap { entry in
      guard case .statistic(let average) = entry.parameter.role else { return nil }
      return (entry.range, average)
    }
  }

  /// Once a step, in place; what this rank is to move.
  ///
  /// - Parameters:
  ///   - parameters: the whole parameter arena.
  ///   - globalBatch: samples of the step.
  public func update(parameters: Tensor, gradients: borrowing ReducedGradients, globalBatch: Int) {
    gradients.forEachOwnPart { part in
      for (range, average) in statistics where range.overlaps(part) {
        let own = range.clamped(to: part)
        average.update(parameters.slice(own), with: gradients.arena.slice(own), globalBatch: globalBatch)
      }
    }
  }
}
