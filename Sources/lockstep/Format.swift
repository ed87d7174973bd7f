import Foundation

/// Numbers as people read them.
enum Format {
  static func fixed(_ value: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", value) }

  static func percent(_ fraction: Double) -> String { fixed(fraction * 100, 2) + " %" }

  /// 41,237
  static func count(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "-" }
    let digits = String(Int(abs(value.rounded())))
    let groups = stride(from: digits.count, to: 0, by: -3).map { end in
      String(digits.dropFirst(max(end - 3, 0)).prefix(min(3, end)))
    }
    return (value < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
  }

  /// 1:02:03 or 2:03
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "-" }
    let whole = Int(max(seconds, 0).rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0
      ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
  }
}
