import Buffers
import Configuration
import Kernels

/// The first half of a sharpness-aware step: moves dense weights to where, to first order, the loss is highest within a radius
/// (Foret et al. 2021, equation 2; adaptively Kwon et al. 2021, equation 6), and back to the same bits.
///
/// Running statistics are those of the samples at the weights themselves, so that evaluation, which is there, is like training: what
/// the first gradient carries for them is kept, and takes the place of the second one's.
public final class SharpnessAscent {
  /// Whose gradient weights are moved by.
  public let by: OptimizerConfiguration.SharpnessAware.By
  private let radius: Double
  private let adaptive: Bool
  /// `adapts`: by sizes of weights, where the configuration is adaptive.
  private let stretches: [(range: Range<Int>, adapts: Bool)]
  private let weights: Tensor
  private let statistics: [(range: Range<Int>, kept: Tensor)]
  /// Whether the weights are not where they were.
  private var isAway = false

  /// Added to a weight's size, so that those of 0 move too: η of Kwon et al. 2021.
  private static let floor: Float = 0.01

  /// For arenas of this layout.
  public init(_ configuration: OptimizerConfiguration.SharpnessAware, layout: ParameterLayout) {
    by = configuration.by
    radius = configuration.radius
    adaptive = configuration.adaptive
    stretches = adaptive ? LARS.stretches(of: layout) : layout.trainedRanges.map { ($0, false) }
    weights = Tensor(Shape(layout.denseCount))
    statistics = layout.entries.filter(\.parameter.isStatistic).map { ($0.range, Tensor(Shape($0.range.count))) }
  }

  /// Moves the weights uphill. Where the gradient is 0, or its size is beyond a float, they stay.
  ///
  /// - Parameters:
  ///   - parameters: the whole parameter arena.
  ///   - gradient: of the loss there, in any scale: only its direction counts.
  public func climb(_ parameters: Tensor, along gradient: Tensor) {
    weights.copy(from: parameters.slice(0..<weights.count))
    isAway = true
    for (range, kept) in statistics { kept.copy(from: gradient.slice(range)) }
    let scale = Float(radius / norm(parameters, gradient))
    guard scale.isFinite else { return }
    for (range, adapts) in stretches {
      var moved = parameters.buffer.extracting(range).mutableSpan
      let slope = gradient.buffer.extracting(range).span
      if adapts {
        OptimizerLoops.climbAdaptively(&moved, gradients: slope, scale: scale, floor: Self.floor)
      } else {
        Arithmetic.add(slope, times: scale, to: &moved)
      }
    }
  }

  /// Puts the weights back, where they are not there yet.
  public func goBack(_ parameters: Tensor) {
    if isAway { parameters.slice(0..<weights.count).copy(from: weights) }
    isAway = false
  }

  /// Puts what the first gradient carried for running statistics in the second one's place.
  ///
  /// - Parameter range: of the arena; statistics outside of it stay as they are.
  public func restoreStatistics(in gradient: Tensor, within range: Range<Int>) {
    for (own, kept) in statistics where range.contains(own.lowerBound) { gradient.slice(own).copy(from: kept) }
  }

  /// ‖g‖, or ‖T g‖.
  private func norm(_ parameters: Tensor, _ gradient: Tensor) -> Double {
    var sum = 0.0
    for (range, adapts) in stretches {
      let slope = gradient.buffer.extracting(range).span
      sum +=
        adapts
        ? OptimizerLoops.sumOfSquares(
          slope, timesSizesOf: parameters.buffer.extracting(range).span, floor: Self.floor)
        : OptimizerLoops.sumOfSquares(slope)
    }
    return sum.squareRoot()
  }
}
