import Kernels
import Testing

@Suite struct NarrowFloatTests {
  private func encoded(_ values: [Float], _ format: NarrowFloat = .bfloat16) -> [UInt16] {
    var narrow = [UInt16](repeating: 0, count: values.count)
    var span = narrow.mutableSpan
    format.encode(values.span, into: &span)
    return narrow
  }

  private func decoded(_ narrow: [UInt16], _ format: NarrowFloat = .bfloat16) -> [Float] {
    var values = [Float](repeating: 0, count: narrow.count)
    var span = values.mutableSpan
    format.decode(narrow.span, into: &span)
    return values
  }

  /// All of them, but for those that are no number.
  @Test func everyBFloat16ComesBackAsItWas() {
    let all = (UInt16.min...UInt16.max).filter { !Float(bitPattern: UInt32($0) << 16).isNaN }
    #expect(all.count == 65536 - 2 * 127)
    #expect(encoded(decoded(all)) == all)
  }

  /// Between each neighbouring two: a quarter, the middle and three quarters of the way.
  @Test func theNearestIsTakenAndTheEvenOneOfTwo() {
    for upper in stride(from: UInt32(0), to: 0x7F80, by: 7) {
      let start = upper << 16
      let between = [start + 0x4000, start + 0x8000, start + 0xC000].map { Float(bitPattern: $0) }
      let (down, up) = (UInt16(upper), UInt16(upper + 1))
      #expect(encoded(between) == [down, upper.isMultiple(of: 2) ? down : up, up])
      #expect(encoded(between.map { -$0 }) == [down, upper.isMultiple(of: 2) ? down : up, up].map { $0 | 0x8000 })
    }
  }

  @Test func whatIsNoNumberStaysSo() {
    // The upper half of the first is infinity's; rounding the second up would make it 0.
    let strange = [Float(bitPattern: 0x7F80_0001), Float(bitPattern: 0x7FFF_FFFF), -.nan]
    #expect(decoded(encoded(strange)).allSatisfy { $0.isNaN })
    #expect(decoded(encoded([.infinity, -.infinity, 0, -0.0])) == [.infinity, -.infinity, 0, 0])
    #expect(decoded(encoded([.greatestFiniteMagnitude])) == [.infinity])
  }

  @Test func sumsAreRoundedFloatSums() {
    let (a, b): ([Float], [Float]) = ([1, 256, -3.5, .infinity, 1], [2, 1, 3.5, -.infinity, 0.00390625])
    var sums = encoded(b)
    var span = sums.mutableSpan
    NarrowFloat.bfloat16.add(encoded(a).span, to: &span)
    let result = decoded(sums)
    // 257 and 1 + 1/256 lie in the middle of two neighbours.
    #expect(result[0] == 3 && result[1] == 256 && result[2] == 0 && result[3].isNaN && result[4] == 1)
  }

  #if !(os(macOS) && arch(x86_64))
    /// Swift's own half precision is the reference.
    @Test func everyHalfIsASixtyFourthOfItsValue() {
      let all = (UInt16.min...UInt16.max).filter { !Float16(bitPattern: $0).isNaN }
      let values = all.map { Float(Float16(bitPattern: $0)) / 64 }
      #expect(decoded(all, .float16) == values)
      #expect(encoded(values, .float16) == all)
    }

    @Test("Floats of all sizes, and those in the middle of two halves, are rounded as Swift rounds them")
    func halvesAreRoundedToTheNearest() {
      let spread = stride(from: UInt32(0), through: 0x7F80_0000, by: 9973).map { Float(bitPattern: $0) }
      let halves = (UInt16(0)..<0x7C00).map { Float(Float16(bitPattern: $0)) / 64 }
      let middles = zip(halves, halves.dropFirst()).map { ($0 + $1) / 2 }
      let edge: [Float] = [1023.75, 1023.7499, 1024, 4.7e-10, 4.6e-10, .leastNonzeroMagnitude, .infinity]
      let values = (spread + middles + edge).flatMap { [$0, -$0] }
      #expect(encoded(values, .float16) == values.map { Float16($0 * 64).bitPattern })
      #expect(decoded(encoded([.nan, -.nan], .float16), .float16).allSatisfy { $0.isNaN })
    }
  #endif

  @Test func halvesAreAddedAsFloats() {
    var sums = encoded([1, 1000, 3e-5, .infinity], .float16)
    var span = sums.mutableSpan
    NarrowFloat.float16.add(encoded([2, 100, -3e-5, -.infinity], .float16).span, to: &span)
    let result = decoded(sums, .float16)
    #expect(result[0] == 3 && result[1] == .infinity && result[2] == 0 && result[3].isNaN)
  }

  @Test(
    "What is owed is paid: sums of rounded values stay within one rounding of the sums",
    arguments: [NarrowFloat.bfloat16, .float16])
  func errorsAreFedBack(format: NarrowFloat) {
    let values: [Float] = [0.1, -0.333, 1e-3, 0.7071, 0]
    var (errors, sent) = ([Float](repeating: 0, count: 5), [Float](repeating: 0, count: 5))
    for _ in 0..<1000 {
      var narrow = [UInt16](repeating: 0, count: 5)
      var target = narrow.mutableSpan
      var owed = errors.mutableSpan
      format.encode(values.span, errors: &owed, into: &target)
      for (index, value) in decoded(narrow, format).enumerated() { sent[index] += value }
    }
    for index in values.indices {
      #expect(abs(sent[index] / 1000 - values[index]) <= abs(values[index]) / 256 / 500 + 1e-7, "\(format) \(index)")
    }
    // Without: the same error a thousand times.
    let plain = decoded(encoded(values, format), format)
    #expect(plain != values)
  }

  @Test func whatIsNoNumberOwesNothing() {
    var (errors, narrow): ([Float], [UInt16]) = ([1, 0, 0.25], [0, 0, 0])
    var target = narrow.mutableSpan
    var owed = errors.mutableSpan
    NarrowFloat.float16.encode(([.nan, 5000, 0.25] as [Float]).span, errors: &owed, into: &target)
    #expect(errors == [0, 0, 0])
    #expect(decoded(narrow, .float16)[1...] == [.infinity, 0.5])
  }
}
