import Buffers
import Testing

@Suite struct PhiloxTests {
  /// The known answers that Random123, the authors' own library, ships for philox4x32-10.
  @Test func givesTheKnownAnswers() {
    #expect(
      Philox(key: UInt64(0)).block(0, 0) == Philox.Block(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(
      Philox(key: UInt64.max).block(.max, .max) == Philox.Block(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    // Counter 243f6a88 85a308d3 13198a2e 03707344, key a4093822 299f31d0: the first word is the low one.
    #expect(
      Philox(key: UInt64(0x299F_31D0_A409_3822)).block(0x85A3_08D3_243F_6A88, 0x0370_7344_1319_8A2E)
        == Philox.Block(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  @Test func purposesGetDifferentNumbers() {
    let generators = [Philox(1), Philox(2), Philox(1, 0), Philox(0, 1), Philox(1, 2), Philox(2, 1)]
    #expect(Set(generators.map { $0.block(0, 0) }).count == generators.count)
    #expect(Philox(1, 2).block(3, 4) == Philox(1, 2).block(3, 4))
  }

  @Test func unitIsFromZeroToBelowOne() {
    #expect(Philox.unit(0) == 0)
    #expect(Philox.unit(.max) == 1 - 0x1p-24)
    #expect(Philox.unit(0x8000_0000) == 0.5)
  }

  @Test func unitsAreUniform() {
    let random = Philox(5)
    let units = (0..<4096).flatMap { index in
      let block = random.block(UInt64(index), 0)
      return [block.x, block.y, block.z, block.w].map { Double(Philox.unit($0)) }
    }
    // Four standard errors of the mean of a uniform, and of its square's mean (standard deviations √(1/12), √(4/45)).
    let count = Double(units.count)
    #expect(abs(units.reduce(0, +) / count - 1 / 2) < 4 * (1 / 12.0 / count).squareRoot())
    #expect(abs(units.reduce(0) { $0 + $1 * $1 } / count - 1 / 3) < 4 * (4 / 45.0 / count).squareRoot())
  }
}
