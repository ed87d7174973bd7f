/// A sum over the bits of floats, by which ranks compare arrays that must be the same on all of them: as fast as memory.
public enum BitSum {
  /// Σ wᵢ fᵢ modulo 2⁶⁴ over the 32-bit words wᵢ, where fᵢ = 2i + 1 below 2³² and then again from 1. Any one word that is another
  /// changes it: neither factor of what it adds is 0 or reaches 2³², so that the difference is not 0 modulo 2⁶⁴. Several may cancel, which
  /// is as likely as for any 64 bits.
  public static func of(_ floats: UnsafeMutableBufferPointer<Float>) -> UInt64 {
    of(words: UnsafeRawBufferPointer(floats))
  }

  /// The same of any words.
  ///
  /// - Parameter words: bytes, four to a word; what is left over does not count.
  public static func of(words: UnsafeRawBufferPointer) -> UInt64 {
    let count = words.count / 4
    var (sums, factors) = (SIMD8<UInt64>(), SIMD8<UInt64>(1, 3, 5, 7, 9, 11, 13, 15))
    let blocks = count / 8
    for block in 0..<blocks {
      let part = words.loadUnaligned(fromByteOffset: block * 32, as: SIMD8<UInt32>.self)
      sums &+= SIMD8<UInt64>(truncatingIfNeeded: part) &* factors
      factors = (factors &+ 16) & 0xFFFF_FFFF
    }
    var sum = sums.wrappedSum()
    for index in blocks * 8..<count {
      sum &+=
        UInt64(words.loadUnaligned(fromByteOffset: index * 4, as: UInt32.self))
        &* ((UInt64(index) &* 2 &+ 1) & 0xFFFF_FFFF)
    }
    return sum
  }
}
