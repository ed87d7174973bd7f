import Foundation
import Kernels
import Testing

@Suite struct FixedPointSumTests {
  /// Numbers of very different sizes, whose float sum depends on the order.
  private let values: [Float] = [1e3, -1e-7, 3.14159, -1e3, 2e-6, 0.1, -3.3333, 1e-12, 405.5, 7e-4]

  private func sum(_ values: [Float]) -> Double { Terms.sum(values, FixedPointSum(terms: 1)).sum }

  @Test func sumIsTheSameInAnyOrder() {
    var generator = SystemRandomNumberGenerator()
    let expected = sum(values)
    for _ in 0..<200 { #expect(sum(values.shuffled(using: &generator)) == expected) }
    #expect(Set((0..<200).map { _ in values.shuffled().reduce(0, +) }).count > 1, "floats would not have needed it")
  }

  @Test func roundsToTheQuantum() {
    #expect(sum([Float(FixedPointSum.quantum)]) == FixedPointSum.quantum)
    #expect(sum([Float(FixedPointSum.quantum * 0.4)]) == 0)
    for value in values { #expect(abs(sum([value]) - Double(value)) <= FixedPointSum.quantum / 2) }
  }

  @Test func overwriteForgetsWhatWasThere() {
    var sums = [5.0, 6.0]
    var target = sums.mutableSpan
    let isExact = FixedPointSum(terms: 1).add(([1, 2] as [Float]).span, to: &target, overwrite: true)
    #expect(isExact && sums == [1, 2])
  }

  /// A run that has diverged must not look as if it had not, nor as if something else were wrong.
  @Test func whatIsNotFiniteStaysSo() {
    #expect(sum([1, .nan]).isNaN && sum([.infinity, -.infinity]).isNaN && sum([-.infinity, 3]) == -.infinity)
    for value in [Float.nan, .infinity, -.infinity, -.nan] {
      #expect(Terms.sum([value], FixedPointSum(terms: 4)).isExact)
    }
  }

  @Test(arguments: [1, 3, 4, 1000, Int(Int32.max)]) func termsBeyondTheRangeAreSeen(count: Int) {
    let sum = FixedPointSum(terms: count)
    let limit = sum.largestTerm
    #expect(Double(limit) * Double(count) <= FixedPointSum.range)
    #expect(Double(limit.nextUp.nextUp) * Double(count) >= FixedPointSum.range)
    for sign: Float in [-1, 1] {
      #expect(Terms.sum([sign * limit], sum).isExact)
      #expect(!Terms.sum([0, sign * limit.nextUp, 0], sum).isExact)
      #expect(!Terms.sum([sign * .greatestFiniteMagnitude], sum).isExact)
    }
    #expect(Terms.sum([0, -0, .leastNonzeroMagnitude], sum).isExact)
  }

  /// ReproBLAS's fills: the same bits on any number of ranks, and the very sum of the rounded terms; or the same word on
  /// all of them that there is none.
  @Test(arguments: Terms.fills) func fillsAreExactOnAnyNumberOfRanks(fill: Terms.Fill) {
    let sum = FixedPointSum(terms: fill.values.count)
    let whole = Terms.sum(fill.values, sum)
    #expect(whole.isExact == fill.isExact)
    if fill.isExact, fill.values.allSatisfy(\.isFinite) { #expect(whole.sum == Terms.exact(fill.values)) }
    for ranks in [1, 2, 3, 4, 7] {
      for values in [fill.values, fill.values.reversed(), fill.values.shuffled()] {
        let shared = Terms.sum(values, sum, ranks: ranks)
        #expect(shared.isExact == fill.isExact)
        guard fill.isExact else { continue }
        #expect(shared.sum == whole.sum || shared.sum.isNaN && whole.sum.isNaN, "\(ranks) ranks")
      }
    }
  }
}

/// The terms of a sum.
enum Terms {
  struct Fill: Sendable, CustomTestStringConvertible {
    let name: String
    let values: [Float]
    var isExact = true
    var testDescription: String { name }
  }

  private static let count = 500

  private static func fill(_ name: String, isExact: Bool = true, _ value: (Int) -> Float) -> Fill {
    Fill(name: name, values: (0..<count).map(value), isExact: isExact)
  }

  private static func put(_ values: Float..., into fill: Fill, _ name: String, isExact: Bool = true) -> Fill {
    var all = fill.values
    for (index, value) in values.enumerated() { all[(index + 1) * 97] = value }
    return Fill(name: name, values: all, isExact: isExact)
  }

  static let ones = fill("ones") { _ in 1 }

  static let fills: [Fill] = [
    ones, fill("zeros") { _ in 0 },
    // Rises and falls again.
    fill("mountain") { index in index < count / 2 ? Float(index) * 1e-3 : Float(index - count) * 1e-3 },
    fill("sine") { index in Float(sin(Double(index))) },
    fill("alternating") { index in index % 2 == 0 ? 16 : -16 },
    fill("small beside large") { index in index % 50 == 0 ? 16 : 1e-9 },
    fill("below the quantum") { _ in 1e-14 },
    fill("subnormal") { index in index % 2 == 0 ? .leastNonzeroMagnitude : -.leastNormalMagnitude / 2 },
    put(.infinity, into: ones, "plus infinity"), put(-.infinity, into: ones, "minus infinity"),
    put(.infinity, -.infinity, into: ones, "both infinities"), put(.nan, into: ones, "not a number"),
    put(.nan, .infinity, into: ones, "not a number and infinity"),
    put(1e9, -1e9, into: ones, "huge opposite", isExact: false),
    put(1e30, into: ones, "huge positive", isExact: false), put(-1e30, into: ones, "huge negative", isExact: false),
    put(.greatestFiniteMagnitude, -.greatestFiniteMagnitude, into: ones, "the largest, opposite", isExact: false),
  ]

  /// Each rank adds a run of the terms one by one; then the ranks' sums are added.
  static func sum(_ values: [Float], _ sum: FixedPointSum, ranks: Int = 1) -> (sum: Double, isExact: Bool) {
    var (total, isExact) = (0.0, true)
    for rank in 0..<ranks {
      var own = [0.0]
      for value in values[values.count * rank / ranks..<values.count * (rank + 1) / ranks] {
        var target = own.mutableSpan
        if !sum.add([value].span, to: &target, overwrite: false) { isExact = false }
      }
      total += own[0]
    }
    return (total, isExact)
  }

  /// In integers: of quanta.
  static func exact(_ values: [Float]) -> Double {
    let quanta = values.reduce(Int128(0)) {
      $0 + Int128((Double($1) / FixedPointSum.quantum).rounded(.toNearestOrEven))
    }
    return Double(quanta) * FixedPointSum.quantum
  }
}
