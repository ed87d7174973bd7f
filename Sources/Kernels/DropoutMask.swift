import Buffers

/// What dropout multiplies each element with: 0, or 1 ÷ (1 − rate) where it is kept.
public enum DropoutMask {
  /// Fills one sample's factors: a pure function of the generator's key, the sample and the element.
  public static func fill(_ factors: inout MutableSpan<Float>, rate: Float, random: Philox, sample: UInt64) {
    let kept = 1 / (1 - rate)
    let blocks = factors.count / 4
    for block in 0..<blocks {
      let words = random.block(UInt64(block), sample)
      for lane in 0..<4 { factors[4 * block + lane] = Philox.unit(words[lane]) < rate ? 0 : kept }
    }
    let words = random.block(UInt64(blocks), sample)
    for index in 4 * blocks..<factors.count { factors[index] = Philox.unit(words[index % 4]) < rate ? 0 : kept }
  }
}
