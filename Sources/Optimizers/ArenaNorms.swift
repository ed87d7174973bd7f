import Buffers
import Kernels

/// Sizes and distances of whole arenas, over what is dense and trained: tables, statistics and padding do not count. Sums are in doubles
/// and in one fixed order, so ranks with equal arenas get equal results.
public struct ArenaNorms: Sendable {
  private let ranges: [Range<Int>]
  private let count: Int

  /// For arenas of this layout.
  public init(layout: ParameterLayout) {
    ranges = layout.trainedRanges
    count = layout.denseCount
  }

  /// ‖x‖₂.
  public func norm(of arena: Tensor) -> Double {
    check(arena)
    var sum = 0.0
    for range in ranges { sum += OptimizerLoops.sumOfSquares(arena.buffer.extracting(range).span) }
    return sum.squareRoot()
  }

  /// ‖a − b‖₂.
  public func distance(_ a: Tensor, _ b: Tensor) -> Double {
    check(a)
    check(b)
    var sum = 0.0
    for range in ranges {
      sum += OptimizerLoops.squaredDistance(a.buffer.extracting(range).span, b.buffer.extracting(range).span)
    }
    return sum.squareRoot()
  }

  /// Whether every number of the arena is finite, statistics included.
  public func isFinite(_ arena: Tensor) -> Bool {
    check(arena)
    return OptimizerLoops.isFinite(arena.buffer.span)
  }

  private func check(_ arena: Tensor) {
    precondition(arena.count >= count, "an arena of \(arena.count) floats for a layout of \(count)")
  }
}
