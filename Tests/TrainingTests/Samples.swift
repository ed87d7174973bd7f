/// Scores with labels that follow them weakly, from integers alone, so that other languages make the same.
struct Samples {
  var scores: [Float] = []
  var labels: [Int32] = []

  /// - Parameter levels: different scores, at most: few make many ties.
  init(_ count: Int, levels: Int) {
    var state: UInt32 = 12345
    func next() -> Int {
      state = 1_664_525 &* state &+ 1_013_904_223
      return Int(state >> 8)
    }
    for _ in 0..<count {
      let score = next() % levels
      labels.append(next() % (4 * levels) < score ? 1 : 0)
      scores.append(Float(Double(score - levels / 2) / Double(levels) * 8))
    }
  }
}
