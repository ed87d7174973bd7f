import Foundation

/// Ids of one field, few of them common and most of them rare: of c ids the r-th commonest, from 0, has a probability
/// proportional to ∫ x^−s dx from r + 1 to r + 2, which is close to Zipf's (r + 1.5)^−s and needs no table: the integral
/// is inverted. The common ones lie scattered over the field's range, as they do in a vocabulary or after hashing.
struct ClickPowerLaw: Sendable {
  let cardinality: Int
  private let exponent: Double
  /// (c + 1)^(1 − s) − 1, or ln(c + 1) where s is 1.
  private let span: Double
  private let step: UInt64
  private let start: UInt64

  /// - Parameters:
  ///   - cardinality: at most 2^31 ids.
  ///   - exponent: s; 0 makes all ids equally common.
  init(cardinality: Int, exponent: Double) {
    precondition(1...1 << 31 ~= cardinality, "\(cardinality) ids")
    self.cardinality = cardinality
    self.exponent = exponent
    span = exponent == 1 ? log(Double(cardinality + 1)) : pow(Double(cardinality + 1), 1 - exponent) - 1
    // Near the golden section of the range, so that neighbours in rank are far apart.
    var step = max(UInt64(Double(cardinality) * 0.618_033_988_749_895), 1)
    while Self.commonDivisor(step, UInt64(cardinality)) != 1 { step += 1 }
    self.step = step
    start = UInt64(cardinality) / 3
  }

  /// The id at a point of 0…1 on the scale of probability, commonest first.
  func id(at point: Double) -> Int { id(ofRank: rank(at: point)) }

  /// From 0, the commonest.
  func rank(at point: Double) -> Int {
    let position = exponent == 1 ? exp(point * span) : pow(1 + point * span, 1 / (1 - exponent))
    return min(max(Int(position) - 1, 0), cardinality - 1)
  }

  /// A bijection on 0..<cardinality.
  func id(ofRank rank: Int) -> Int { Int((UInt64(rank) * step + start) % UInt64(cardinality)) }

  func probability(ofRank rank: Int) -> Double { (integral(rank + 2) - integral(rank + 1)) / span }

  private func integral(_ end: Int) -> Double { exponent == 1 ? log(Double(end)) : pow(Double(end), 1 - exponent) }

  private static func commonDivisor(_ a: UInt64, _ b: UInt64) -> UInt64 { b == 0 ? a : commonDivisor(b, a % b) }
}
