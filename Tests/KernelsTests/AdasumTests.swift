import Kernels
import Testing

/// The laws of Adasum, at magnitudes whose squares no float holds.
@Suite struct AdasumTests {
  private static func combined(_ a: [Float], _ b: [Float]) -> [Float] {
    var sum = a
    var target = sum.mutableSpan
    Adasum.combine(&target, with: b.span)
    return sum
  }

  static let magnitudes: [Float] = [1, 1e30, 1e-30, 1e36, 1e-34]

  @Test(arguments: magnitudes, oddSizes) func orthogonalOnesAreAdded(_ magnitude: Float, _ count: Int) {
    let values = numbers(count, 1).map { $0 * magnitude }
    let a = values + Array(repeating: 0, count: count)
    let b = Array(repeating: Float(0), count: count) + values.map { 2 * $0 }
    #expect(Self.combined(a, b) == zip(a, b).map { $0 + $1 })
  }

  @Test(arguments: magnitudes, oddSizes) func parallelOnesAreAveraged(_ magnitude: Float, _ count: Int) {
    let a = numbers(count, 2).map { $0 * magnitude }
    for scale: Float in [1, 0.5, 3, -1, 100] {
      let b = a.map { scale * $0 }
      for (result, value) in zip(Self.combined(a, b), a) {
        let mean = Double(value) * (1 + Double(scale)) / 2
        #expect(abs(Double(result) - mean) <= 1e-6 * abs(Double(value)) * Double(max(abs(scale), 1)))
      }
    }
  }

  /// One is 10⁶⁰ times as large as the other: neither product nor squares are lost.
  @Test func magnitudesMayDiffer() {
    #expect(Self.combined([1e30, 0], [0, 1e-30]) == [1e30, 1e-30])
    // a·b = 1, ‖a‖² = 1e60, ‖b‖² = 2e-60: a + (1 − 1 ÷ 4e-60) b.
    let result = Self.combined([1e30, 0, 0], [1e-30, 1e-30, 0])
    #expect(abs(result[0] / 7.5e29 - 1) < 1e-6 && abs(result[1] / -2.5e29 - 1) < 1e-6 && result[2] == 0)
  }

  @Test func nothingChangesTheOther() {
    let a = numbers(37, 3)
    let nothing = Array(repeating: Float(0), count: 37)
    #expect(Self.combined(a, nothing) == a && Self.combined(nothing, a) == a)
    #expect(Self.combined(nothing, nothing) == nothing)
  }

  @Test(arguments: oddSizes) func agreesWithTheRule(_ count: Int) {
    let (a, b) = (numbers(count, 4), numbers(count, 5))
    let dot = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    let (aa, bb) = (a.reduce(0.0) { $0 + Double($1) * Double($1) }, b.reduce(0.0) { $0 + Double($1) * Double($1) })
    for (index, result) in Self.combined(a, b).enumerated() {
      let expected = (1 - dot / (2 * aa)) * Double(a[index]) + (1 - dot / (2 * bb)) * Double(b[index])
      #expect(abs(Double(result) - expected) < 1e-6)
    }
  }
}
