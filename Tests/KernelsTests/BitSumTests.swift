import Kernels
import Testing

@Suite struct BitSumTests {
  private func sum(_ values: [Float]) -> UInt64 {
    var values = values
    return values.withUnsafeMutableBufferPointer { BitSum.of($0) }
  }

  private func naive(_ values: [Float]) -> UInt64 {
    values.enumerated().reduce(0) { $0 &+ UInt64($1.element.bitPattern) &* UInt64(2 * $1.offset + 1) }
  }

  @Test(arguments: [0, 1, 7, 8, 9, 63, 1000]) func isTheSumThatItSays(count: Int) {
    let values = (0..<count).map { _ in Float.random(in: -3...3) }
    #expect(sum(values) == naive(values))
  }

  @Test func anyBitOfAnyWordChangesIt() {
    let values = (0..<37).map { Float($0) * 0.37 - 5 }
    let whole = sum(values)
    for index in values.indices {
      for bit in 0..<32 {
        var changed = values
        changed[index] = Float(bitPattern: changed[index].bitPattern ^ (1 << bit))
        #expect(sum(changed) != whole, "bit \(bit) of \(index)")
      }
    }
  }

  @Test func signOfZeroNumbersThatAreNoneAndPlacesCount() {
    #expect(sum([0]) != sum([-0.0]))
    #expect(sum([Float(bitPattern: 0x7FC0_0000)]) != sum([Float(bitPattern: 0x7FC0_0001)]))
    #expect(sum([1, 2, 3]) != sum([1, 3, 2]))
    // From wherever they begin in memory.
    var values = (0..<50).map(Float.init)
    let part = values.withUnsafeMutableBufferPointer { BitSum.of(.init(rebasing: $0[3..<40])) }
    #expect(part == sum(Array(values[3..<40])))
  }

  @Test func wordsOfAnyKindCountByTheirBits() {
    let values = (0..<37).map { Float($0) * 0.37 - 5 }
    let words = values.map { Int32(bitPattern: $0.bitPattern) }
    #expect(words.withUnsafeBytes { BitSum.of(words: $0) } == sum(values))
    // Bytes behind the last whole word do not count.
    #expect(words.withUnsafeBytes { BitSum.of(words: .init(rebasing: $0[..<15])) } == sum(Array(values[..<3])))
  }
}
