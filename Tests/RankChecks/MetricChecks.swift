import Batches
import Datasets
import MessagePassing
import Training

/// However the samples lie on ranks, the area under the curve has the bits that one rank finds alone.
let metricChecks = [
  RankCheck("the area under the curve is one rank's, to the bit") { world in
    for count in [0, 1, 2, 3, 50, 5000, 70_000] {
      for levels in [1, 2, 3, 40, 1 << 20] { try compareArea(count, levels: levels, world) }
    }
  },
  RankCheck("one class has no area under the curve, nor has a score that is NaN on one rank", undefinedIsNil),
]

private struct Scores {
  var scores: [Float] = []
  var labels: [Int32] = []

  /// - Parameter levels: different scores, at most: few make many ties.
  init(_ count: Int, levels: Int) {
    var state: UInt32 = 1
    func next() -> Int {
      state = 1_664_525 &* state &+ 1_013_904_223
      return Int(state >> 8)
    }
    for _ in 0..<count {
      scores.append(Float(next() % levels - levels / 2) / Float(levels))
      labels.append(next() % 3 == 0 ? 1 : 0)
    }
  }

  func kept(_ range: Range<Int>) -> BinaryScores {
    var kept = BinaryScores(capacity: range.count)
    scores.withUnsafeBufferPointer { scores in
      labels.withUnsafeBufferPointer { labels in
        kept.add(.init(rebasing: scores[range]), labels: .init(rebasing: labels[range]))
      }
    }
    return kept
  }
}

private func compareArea(_ count: Int, levels: Int, _ world: Communicator) throws {
  let all = Scores(count, levels: levels)
  let wanted = all.kept(0..<count).alone(loss: 0.5)
  let even = StepPlan.share(of: count, rank: world.rank, ranks: world.size)
  // As uneven as can be: all samples on the last rank.
  let skewed = world.rank == world.size - 1 ? 0..<count : 0..<0
  for share in [even, skewed] {
    let metrics = try all.kept(share).metrics(loss: 0.5, world)
    let what = "of \(count) samples in \(levels) levels"
    try expectEqual(metrics.areaUnderCurve, wanted.areaUnderCurve, "the area \(what)")
    try expectEqual(metrics.normalizedEntropy, wanted.normalizedEntropy, "the normalised entropy \(what)")
    let difference = abs((metrics.calibration ?? 0) - (wanted.calibration ?? 0))
    // A sum of doubles in another order, where the others are integers.
    try expect(difference < 1e-10, "the calibration \(what) differs by \(difference)")
  }
}

private func undefinedIsNil(_ world: Communicator) throws {
  var oneClass = Scores(100, levels: 10)
  oneClass.labels = [Int32](repeating: 1, count: 100)
  let metrics = try oneClass.kept(0..<100).metrics(loss: 0.5, world)
  try expect(metrics.areaUnderCurve == nil && metrics.normalizedEntropy == nil, "\(metrics) of one class")
  var broken = Scores(100, levels: 10)
  if world.rank == world.size - 1 { broken.scores[7] = .nan }
  try expectEqual(try broken.kept(0..<100).metrics(loss: .nan, world).areaUnderCurve, nil, "the area with a NaN")
}
