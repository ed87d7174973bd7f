import Buffers
import Foundation
import Statistics
import Testing

@Suite("Halton's sequence") struct HaltonTests {
  @Test("Without permutations it is SciPy's (1.17.1, qmc.Halton without scrambling)")
  func reference() {
    let sequence = HaltonSequence(dimensions: 4, seed: nil)
    let expected: [Int: [Double]] = [
      0: [0, 0, 0, 0], 1: [0.5, 1 / 3, 0.2, 1 / 7], 2: [0.25, 2 / 3, 0.4, 2 / 7], 5: [0.625, 7 / 9, 0.04, 5 / 7],
      7: [0.875, 5 / 9, 0.44, 0.020_408_163_265_306_12],
      1000: [0.092_773_437_5, 0.347_508_001_828_989_5, 0.005_12, 0.916_284_881_299_459_4],
    ]
    for (index, point) in expected {
      for (found, expected) in zip(sequence.point(index), point) { #expect(abs(found - expected) < 1e-15, "\(index)") }
    }
  }

  @Test(
    "Permuted digits keep its evenness: b^k points lie one in each of as many equal intervals",
    arguments: [1, 7, 12345])
  func strata(seed: UInt64) {
    let sequence = HaltonSequence(dimensions: 4, seed: seed)
    for (coordinate, count) in [64, 81, 125, 49].enumerated() {
      let places = (0..<count).map { Int(sequence.point($0)[coordinate] * Double(count)) }
      #expect(Set(places).count == count, "coordinate \(coordinate)")
    }
  }

  @Test("A point depends on seed and number alone, and seeds differ")
  func pure() {
    let (few, many) = (HaltonSequence(dimensions: 2, seed: 3), HaltonSequence(dimensions: 5, seed: 3))
    for index in 0..<50 { #expect(few.point(index) == Array(many.point(index).prefix(2))) }
    #expect(HaltonSequence(dimensions: 2, seed: 4).point(0) != few.point(0))
    for index in 0..<1000 { #expect(many.point(index).allSatisfy { (0..<1).contains($0) }) }
  }

  /// Fang and others' centred discrepancy in L2, as it is defined.
  private func discrepancy(_ points: [[Double]]) -> Double {
    let count = Double(points.count)
    func product(_ factors: [Double]) -> Double { factors.reduce(1, *) }
    let single = points.reduce(0.0) { sum, point in
      sum + product(point.map { 1 + 0.5 * abs($0 - 0.5) - 0.5 * abs($0 - 0.5) * abs($0 - 0.5) })
    }
    let pairs = points.reduce(0.0) { sum, a in
      sum
        + points.reduce(0.0) { sum, b in
          sum + product(zip(a, b).map { 1 + 0.5 * abs($0 - 0.5) + 0.5 * abs($1 - 0.5) - 0.5 * abs($0 - $1) })
        }
    }
    return pow(13.0 / 12, Double(points[0].count)) - 2 / count * single + pairs / (count * count)
  }

  @Test("Its points lie more evenly than random ones", arguments: [(15, 2), (15, 3), (60, 4)])
  func evenness(count: Int, dimensions: Int) {
    func mean(_ point: (UInt64, Int) -> [Double]) -> Double {
      (0..<20).reduce(0.0) { sum, seed in sum + discrepancy((0..<count).map { point(UInt64(seed), $0) }) / 20 }
    }
    let halton = mean { HaltonSequence(dimensions: dimensions, seed: $0).point($1) }
    let random = mean { seed, index in
      (0..<dimensions).map { Double(Philox.unit(Philox(seed).block(UInt64(index), UInt64($0)).x)) }
    }
    #expect(halton < 0.6 * random, "\(halton) and \(random)")
  }

  @Test("Coordinates of large bases do not rise in step, as they do without permutations")
  func largeBases() throws {
    func correlation(_ seed: UInt64?) throws -> Double {
      let sequence = HaltonSequence(dimensions: HaltonSequence.mostDimensions, seed: seed)
      let points = (0..<40).map(sequence.point)
      return abs(try #require(Correlation.pearson(points.map { $0[14] }, points.map { $0[15] })).coefficient)
    }
    #expect(try correlation(nil) > 0.99)
    let scrambled = try (1...20).map { try correlation(UInt64($0)) }
    #expect(scrambled.reduce(0, +) / 20 < 0.3, "\(scrambled)")
  }
}
