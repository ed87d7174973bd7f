extension Philox {
  private typealias Words = SIMD8<UInt32>

  /// Fills `values` with uniform numbers in [0, 1): value i is `unit` of word i mod 4 of `block(i / 4, high)`. Eight blocks
  /// at a time, several times as fast as one by one.
  public func fillWithUnits(_ values: inout MutableSpan<Float>, _ high: UInt64) {
    let block = 4
    let lanes = Words.scalarCount
    let whole = values.count / (block * lanes) * (block * lanes)
    for start in stride(from: 0, to: whole, by: block * lanes) {
      let words = blocks(from: UInt64(start / block), high)
      for lane in 0..<lanes {
        let place = start &+ block &* lane
        values[unchecked: place] = Self.unit(words.0[lane])
        values[unchecked: place &+ 1] = Self.unit(words.1[lane])
        values[unchecked: place &+ 2] = Self.unit(words.2[lane])
        values[unchecked: place &+ 3] = Self.unit(words.3[lane])
      }
    }
    for index in whole..<values.count {
      values[index] = Self.unit(self.block(UInt64(index / block), high)[index % block])
    }
  }

  /// `block(low, high)` to `block(low + 7, high)`, one lane each.
  @inline(__always)
  private func blocks(from low: UInt64, _ high: UInt64) -> (Words, Words, Words, Words) {
    let counters = SIMD8<UInt64>(repeating: low) &+ SIMD8(0, 1, 2, 3, 4, 5, 6, 7)
    var x = Words(truncatingIfNeeded: counters)
    var y = Words(truncatingIfNeeded: counters &>> 32)
    var z = Words(repeating: UInt32(truncatingIfNeeded: high))
    var w = Words(repeating: UInt32(truncatingIfNeeded: high >> 32))
    var key = self.key
    for round in 0..<10 {
      if round > 0 { key = key &+ SIMD2(0x9E37_79B9, 0xBB67_AE85) }
      let a = SIMD8<UInt64>(truncatingIfNeeded: x) &* SIMD8(repeating: 0xD251_1F53)
      let b = SIMD8<UInt64>(truncatingIfNeeded: z) &* SIMD8(repeating: 0xCD9E_8D57)
      x = Words(truncatingIfNeeded: b &>> 32) ^ y ^ Words(repeating: key.x)
      y = Words(truncatingIfNeeded: b)
      z = Words(truncatingIfNeeded: a &>> 32) ^ w ^ Words(repeating: key.y)
      w = Words(truncatingIfNeeded: a)
    }
    return (x, y, z, w)
  }
}
