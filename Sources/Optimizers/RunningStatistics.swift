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

  /// Once a step, in place.
  ///
  /// - Parameters:
  ///   - parameters: the whole parameter arena.
  ///   - globalBatch: samples of the step.
  public func update(parameters: Tensor, gradients: borrowing ReducedGradients, globalBatch: Int) {
    for (range, average) in statistics {
      average.update(parameters.slice(range), with: gradients.arena.slice(range), globalBatch: globalBatch)
    }
  }
}
