import Glibc

extension Philox {
  /// Two independent normal numbers of mean 0 from two words of a block.
  ///
  /// Box and Muller, "A note on the generation of random normal deviates" (1958).
  public static func normals(_ first: UInt32, _ second: UInt32, deviation: Float) -> (Float, Float) {
    // 1 − u lies in (0, 1], where the logarithm is finite.
    let radius = deviation * (-2 * log(1 - unit(first))).squareRoot()
    let angle = 2 * Float.pi * unit(second)
    return (radius * cos(angle), radius * sin(angle))
  }
}
