import Buffers

/// What dropout multiplies each element with: 0, or 1 ÷ (1 − rate) where it is kept.
public enum DropoutMask {
  /// Fills one sample's factors: a pure function of the generator's key, the sample and the element.
  public static func fill(_ factors: inout MutableSpan<Float>, rate: Float, random: Philox, sample: UInt64) {
    let kept = 1 / (1 - rate)
    let blocks = factors.count / 4
    for block in 0..<blocks {
      let words = random.block(UInt64(block), sample)
      for lane in 0..<4 { factors[4 * block + lane] = factor(words[lane], rate, kept) }
    }
    let words = random.block(UInt64(blocks), sample)
    for index in 4 * blocks..<factors.count { factors[index] = factor(words[index % 4], rate, kept) }
  }

  @inline(__always)
  private static func factor(_ word: UInt32, _ rate: Float, _ kept: Float) -> Float {
    Philox.unit(word) < rate ? 0 : kept
  }
}
