import Buffers

/// The factor of each element in dropout: 0, or 1 ÷ (1 − rate) where it is kept.
public enum DropoutMask {
  /// Fills one sample's factors: a pure function of the generator's key, the sample and the element.
  public static func fill(_ factors: inout MutableSpan<Float>, rate: Float, random: Philox, sample: UInt64) {
    let kept = 1 / (1 - rate)
    random.fillWithUnits(&factors, sample)
    for index in factors.indices { factors[index] = factors[index] < rate ? 0 : kept }
  }
}
