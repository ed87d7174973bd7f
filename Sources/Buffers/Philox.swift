/// A counter-based random number generator: the value for a counter is a pure function of key and counter, so any rank
/// can draw any sample's numbers without drawing those before it.
///
/// Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
public struct Philox: Sendable {
  /// Four words of 32 bits, which is one call's output.
  public typealias Block = SIMD4<UInt32>

  let key: SIMD2<UInt32>

  /// A generator with this key as it is, low word first: nothing is mixed in.
  public init(key: UInt64) {
    self.init(key: SIMD2(UInt32(truncatingIfNeeded: key), UInt32(truncatingIfNeeded: key >> 32)))
  }

  init(key: SIMD2<UInt32>) { self.key = key }

  /// A generator for one purpose: `words` (seed, epoch, layer, …) are mixed into the key.
  public init(_ words: UInt64...) {
    var key: UInt64 = 0x9E37_79B9_7F4A_7C15
    for word in words {
      let block = Philox(key: key).block(word, 0)
      key = UInt64(block.x) | UInt64(block.y) << 32
    }
    self.init(key: key)
  }

  /// Four independent uniform 32-bit words.
  public func block(_ low: UInt64, _ high: UInt64) -> Block {
    // Four scalars: as a vector the same rounds took 1.6 times as long.
    var (x, y) = (UInt32(truncatingIfNeeded: low), UInt32(truncatingIfNeeded: low >> 32))
    var (z, w) = (UInt32(truncatingIfNeeded: high), UInt32(truncatingIfNeeded: high >> 32))
    var (first, second) = (key.x, key.y)
    for _ in 0..<10 {
      let a = 0xD251_1F53 * UInt64(x)
      let b = 0xCD9E_8D57 * UInt64(z)
      (x, y, z, w) = (
        UInt32(truncatingIfNeeded: b >> 32) ^ y ^ first, UInt32(truncatingIfNeeded: b),
        UInt32(truncatingIfNeeded: a >> 32) ^ w ^ second, UInt32(truncatingIfNeeded: a)
      )
      first &+= 0x9E37_79B9
      second &+= 0xBB67_AE85
    }
    return Block(x, y, z, w)
  }

  /// Uniform in [0, 1), with 24 random bits: every value is exact in a float.
  public static func unit(_ word: UInt32) -> Float { Float(word >> 8) * 0x1p-24 }
}
