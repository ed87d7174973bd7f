import Buffers
import Kernels

/// Combines workers' gradients, which come one after the other in the workers' order, two by two in a binary tree, each trained array
/// by itself (`Adasum`). The tree depends on how many there are alone: neighbours first, then pairs of pairs; one that has no
/// neighbour goes up as it is.
///
/// What gradients carry for running statistics is added up as the workers' samples would be in one step (`MovingAverage`).
public final class AdasumTree {
  private let arrays: [Range<Int>]
  private let statistics: [(range: Range<Int>, average: MovingAverage, sum: Tensor)]
  private let count: Int
  /// Sums of subtrees that have no neighbour yet, the largest first; `level`: how many times it was combined.
  private var subtrees: [(sum: Tensor, level: Int)] = []
  /// Memory of subtrees that are part of others.
  private var free: [Tensor] = []

  /// For gradients of this layout.
  public init(layout: ParameterLayout) {
    arrays = layout.entries.filter { $0.parameter.role == .trained }.map(\.range)
    statistics = layout.entries.compactMap { entry in
      guard case .statistic(let average) = entry.parameter.role else { return nil }
      return (entry.range, average, Tensor(Shape(entry.range.count)))
    }
    count = layout.denseCount
  }

  /// Arrays of the dense arena's size that it needs for so many workers.
  public static func arrays(workers: Int) -> Int { Int.bitWidth - max(workers - 1, 0).leadingZeroBitCount + 1 }

  /// Takes up the next worker's gradient, which may change afterwards.
  ///
  /// - Parameter samples: of that worker.
  public func add(_ gradient: Tensor, samples: Int) {
    for (range, average, sum) in statistics {
      let kept = Float(average.kept(after: average.updates(for: samples)))
      for (index, place) in range.enumerated() {
        sum.buffer[index] = gradient.buffer[place].addingProduct(kept, sum.buffer[index])
      }
    }
    let sum = free.popLast() ?? Tensor(Shape(count))
    sum.copy(from: gradient.slice(0..<count))
    subtrees.append((sum, 0))
    while subtrees.count > 1, subtrees[subtrees.count - 1].level == subtrees[subtrees.count - 2].level { combineLast() }
  }

  /// Writes the gradients' combination, and begins anew.
  public func finish(into gradient: Tensor) {
    while subtrees.count > 1 { combineLast() }
    guard let whole = subtrees.popLast()?.sum else { preconditionFailure("nothing to combine") }
    gradient.slice(0..<count).copy(from: whole)
    free.append(whole)
    for (range, _, sum) in statistics {
      gradient.slice(range).copy(from: sum)
      sum.fill(0)
    }
  }

  private func combineLast() {
    let (later, _) = subtrees.removeLast()
    let (earlier, level) = subtrees.removeLast()
    for range in arrays {
      var sum = earlier.buffer.extracting(range).mutableSpan
      Adasum.combine(&sum, with: later.buffer.extracting(range).span)
    }
    free.append(later)
    subtrees.append((earlier, level + 1))
  }
}
