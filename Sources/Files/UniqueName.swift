/// A part of a name that no other process chooses.
public enum UniqueName {
  /// 16 hexadecimal digits.
  public static func make() -> String {
    let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Whether `make()` could have made it.
  public static func isOne(_ text: some StringProtocol) -> Bool { text.utf8.count == 16 && isHexadecimal(text) }

  static func isHexadecimal(_ text: some StringProtocol) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }
}
