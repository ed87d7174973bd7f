import Buffers
import Gradients
import Testing

@Suite struct AdasumTreeTests {
  private static let average = MovingAverage(weight: 0.1, samples: 4)
  /// Two arrays with padding behind each, and a statistic.
  private static let layout = ParameterLayout(layers: [
    [Parameter(name: "a", shape: Shape(3, 5), start: .constant(0))],
    [
      Parameter(name: "b", shape: Shape(7), start: .constant(0)),
      Parameter(name: "mean", shape: Shape(3), start: .constant(0), role: .statistic(average)),
    ],
  ])

  private static func gradient(_ worker: Int) -> Tensor {
    let arena = Tensor(Shape(layout.denseCount))
    let random = Philox(11, UInt64(worker))
    for index in layout.entries.flatMap(\.range) {
      arena.buffer[index] = 2 * Philox.unit(random.block(UInt64(index), 0).x) - 1
    }
    return arena
  }

  /// The rule in doubles, over a list that is halved at the largest power of two: neighbours first, pairs of pairs next.
  private static func combined(_ arrays: ArraySlice<[Double]>) -> [Double] {
    guard arrays.count > 1 else { return arrays.first ?? [] }
    var half = 1
    while 2 * half < arrays.count { half *= 2 }
    let (a, b) = (combined(arrays.prefix(half)), combined(arrays.dropFirst(half)))
    let dot = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    let (aa, bb) = (a.reduce(0) { $0 + $1 * $1 }, b.reduce(0) { $0 + $1 * $1 })
    return zip(a, b).map { (1 - dot / (2 * aa)) * $0 + (1 - dot / (2 * bb)) * $1 }
  }

  @Test(arguments: Array(1...9) + [16]) func agreesWithTheRule(_ workers: Int) {
    let tree = AdasumTree(layout: Self.layout)
    // Twice: the second time on memory of the first.
    for round in 0..<2 {
      let gradients = (0..<workers).map { Self.gradient(100 * round + $0) }
      for gradient in gradients { tree.add(gradient, samples: 8) }
      let result = Tensor(Shape(Self.layout.denseCount))
      tree.finish(into: result)
      for entry in Self.layout.entries where entry.parameter.role == .trained {
        let expected = Self.combined(gradients.map { gradient in entry.range.map { Double(gradient.buffer[$0]) } }[...])
        for (index, value) in zip(entry.range, expected) { #expect(abs(Double(result.buffer[index]) - value) < 1e-5) }
      }
      let inside = Set(Self.layout.entries.flatMap(\.range))
      #expect((0..<result.count).allSatisfy { inside.contains($0) || result.buffer[$0] == 0 })
    }
  }

  /// As if each worker's statistics had been taken up after those of the workers before it.
  @Test func statisticsFollowOneAnother() {
    let (tree, samples) = (AdasumTree(layout: Self.layout), [8, 4, 6])
    let gradients = samples.indices.map(Self.gradient)
    for (gradient, samples) in zip(gradients, samples) { tree.add(gradient, samples: samples) }
    let result = Tensor(Shape(Self.layout.denseCount))
    tree.finish(into: result)
    let range = Self.layout.entries.first { $0.parameter.isStatistic }!.range
    for index in range {
      var running = 0.5
      for (gradient, samples) in zip(gradients, samples) {
        // A worker of 8 samples makes two updates, of 4 one, of 6 two.
        for _ in 0..<(samples + 3) / 4 { running *= 0.9 }
        running += Double(gradient.buffer[index])
      }
      let kept = Self.average.kept(after: 5)
      #expect(abs(kept * 0.5 + Double(result.buffer[index]) - running) < 1e-6)
    }
  }

  /// As many arrays as the memory that a run is said to need.
  @Test func saysItsMemory() {
    #expect([1, 2, 3, 4, 5, 8, 9, 16].map(AdasumTree.arrays) == [1, 2, 3, 3, 4, 4, 5, 5])
  }
}
