import Kernels
import Testing

@Suite struct BFloat16Tests {
  private func encoded(_ values: [Float]) -> [UInt16] {
    var narrow = [UInt16](repeating: 0, count: values.count)
    var span = narrow.mutableSpan
    BFloat16.encode(values.span, into: &span)
    return narrow
  }

  private func decoded(_ narrow: [UInt16]) -> [Float] {
    var values = [Float](repeating: 0, count: narrow.count)
    var span = values.mutableSpan
    BFloat16.decode(narrow.span, into: &span)
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
    BFloat16.add(encoded(a).span, to: &span)
    let result = decoded(sums)
    // 257 and 1 + 1/256 lie in the middle of two neighbours.
    #expect(result[0] == 3 && result[1] == 256 && result[2] == 0 && result[3].isNaN && result[4] == 1)
  }
}
