/// The numbers that products and convolutions multiply. They add up floats, and take and give floats.
public enum ProductPrecision: Equatable, Sendable {
  /// Floats, as they are.
  case float32
  /// Both factors rounded to bfloat16, the nearest; of two as near, the even one. The product of two such numbers is a float, exactly.
  case bfloat16(BFloat16Products)
}

extension ProductPrecision {
  /// Bytes of the copies of so many numbers that are to be multiplied.
  public func scratchBytes(_ numbers: Double) -> Double {
    switch self {
    case .float32: 0
    case .bfloat16(.rounded): numbers * Double(MemoryLayout<Float>.stride)
    case .bfloat16(.native): numbers * Double(MemoryLayout<UInt16>.stride)
    }
  }
}

/// Who multiplies numbers of bfloat16. Both multiply the same and round nothing else; what they may differ in is the order of sums.
public enum BFloat16Products: String, CaseIterable, Sendable {
  /// The processor's instructions for them, through oneDNN: half the bytes.
  case native
  /// Those for floats, of floats that have been rounded: on any processor, and no faster than floats.
  case rounded
}
