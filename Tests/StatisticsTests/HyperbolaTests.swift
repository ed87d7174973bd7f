import Buffers
import Foundation
import Statistics
import Testing

@Suite("Steps to a goal against the batch") struct HyperbolaTests {
  private let batches: [Double] = [8, 32, 128, 512, 2048, 8192]

  private func steps(critical: Double, least: Double = 100) -> [Double] { batches.map { least * (1 + critical / $0) } }

  /// Normal in logarithms.
  private func noisy(_ steps: [Double], _ round: Int, _ deviation: Float) -> [Double] {
    steps.enumerated().map { index, value in
      let words = Philox(UInt64(round), 0x68).block(UInt64(index), 0)
      return value * exp(Double(Philox.normals(words.x, words.y, deviation: deviation).0))
    }
  }

  @Test("A hyperbola is found as it was made", arguments: [20.0, 200, 1700])
  func exact(critical: Double) throws {
    let fit = try #require(HyperbolaFit(batches: batches, steps: steps(critical: critical)))
    #expect(abs(fit.criticalBatch / critical - 1) < 1e-5 && abs(fit.leastSteps / 100 - 1) < 1e-5)
    #expect(abs(fit.rSquared - 1) < 1e-9 && fit.interval.contains(critical))
    #expect(abs(fit(critical) / 200 - 1) < 1e-5)
    // (S ÷ S_min − 1)(E ÷ E_min − 1) = 1
    for batch in batches {
      let (s, e) = (fit(batch) / fit.leastSteps - 1, fit(batch) * batch / fit.leastExamples - 1)
      #expect(abs(s * e - 1) < 1e-9)
    }
  }

  @Test("With noise 95 % of intervals hold the true critical batch", arguments: [0.05, 0.2] as [Float])
  func coverage(deviation: Float) throws {
    let rounds = 1000
    var held = 0
    for round in 0..<rounds {
      let fit = try #require(HyperbolaFit(batches: batches, steps: noisy(steps(critical: 200), round, deviation)))
      #expect(fit.interval.contains(fit.criticalBatch))
      held += fit.interval.contains(200) ? 1 : 0
    }
    // Within three standard deviations of a count, and a little for the law's bend.
    #expect(abs(held - rounds * 19 / 20) < 25, "\(held) of \(rounds)")
  }

  @Test("Batches on one side of the bend leave an end open, or tell nothing")
  func openEnds() throws {
    let below = try #require(HyperbolaFit(batches: batches, steps: noisy(steps(critical: 30_000), 1, 0.1)))
    #expect(below.interval.upper == .infinity || below.interval.upper > 30_000)
    #expect(below.interval.lower > 1000)
    // An end that is not bounded has no word in JSON.
    let open = Interval(lower: 1, upper: .infinity, level: 0.95)
    #expect(
      try JSONSerialization.jsonObject(with: JSONEncoder().encode(open)) as? NSDictionary == [
        "lower": 1, "level": 0.95,
      ])
    // A straight line has no bend.
    #expect(HyperbolaFit(batches: batches, steps: batches.map { 1e6 / $0 }) == nil)
    #expect(HyperbolaFit(batches: batches, steps: batches.map { _ in 100 }) == nil)
  }

  @Test("Fewer than four batches, and figures that are none, are not fitted")
  func refused() {
    #expect(HyperbolaFit(batches: [8, 16, 32], steps: [100, 60, 40]) == nil)
    #expect(HyperbolaFit(batches: [8, 8, 16, 32], steps: [100, 100, 60, 40]) == nil)
    for value in [0, -1, .nan, .infinity] {
      #expect(HyperbolaFit(batches: batches, steps: [value] + steps(critical: 9).dropFirst()) == nil)
    }
    _ = HyperbolaFit(batches: [1e-300, 1, 1e200, 1e308], steps: [1e308, 1, 1e-300, 5])
  }

  @Test("The knee is where examples have doubled, between the batches on both sides")
  func knee() throws {
    let dense = (0...100).map { 8 * pow(2, Double($0) / 10) }
    // E(B) = E_min (1 + B ÷ 200) has doubled its value at 8 at 200 + 2 · 8.
    let knee = try #require(
      ScalingKnee(batches: dense, steps: dense.map { [100 * (1 + 200 / $0)] }, seed: 1))
    #expect(try abs(#require(knee.batch) - 216) < 1 && knee.interval == nil)
    let flat = try #require(ScalingKnee(batches: [8, 16, 32], steps: [[100], [50], [25]], seed: 1))
    #expect(flat.batch == nil)
    // On a line of slope 0 from 32 on: twice the fewest examples at 64.
    let sharp = try #require(ScalingKnee(batches: [8, 32, 128], steps: [[400], [100], [100]], seed: 1))
    #expect(abs(try #require(sharp.batch) - 64) < 1e-9)
    #expect(ScalingKnee(batches: [8], steps: [[1]], seed: 1) == nil)
    #expect(ScalingKnee(batches: [8, 4], steps: [[1], [1]], seed: 1) == nil)
    #expect(ScalingKnee(batches: [4, 8], steps: [[1], []], seed: 1) == nil)
  }

  @Test("Its interval holds it as often as it says, where the batches do not decide alone which takes fewest examples")
  func kneeInterval() throws {
    let law = [[400.0], [100], [50], [50]].map { $0[0] }
    let batches = [8.0, 32, 128, 512]
    // Examples 3,200, 3,200, 6,400 and 25,600: the fewest have doubled at 128.
    var held = 0
    for round in 0..<300 {
      let steps = law.enumerated().map { index, value in
        (0..<3).map { seed in
          let words = Philox(UInt64(round), 0x6B).block(UInt64(index), UInt64(seed))
          return value * exp(Double(Philox.normals(words.x, words.y, deviation: 0.1).0))
        }
      }
      let knee = try #require(ScalingKnee(batches: batches, steps: steps, seed: UInt64(round)))
      held += try #require(knee.interval).contains(128) ? 1 : 0
    }
    #expect(held > 270, "\(held) of 300")
  }
}
