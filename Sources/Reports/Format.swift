import Foundation
import Statistics
import Studies

/// Numbers for people: few digits, always a unit, the same on every machine.
package enum Format {
  package static let missing = "–"

  /// From here on a number is shown as digits and a power of ten.
  private static let long = 1e9
  /// Digits before and behind the point together, as many as a column has room for.
  private static let mostDigits = 9

  /// Significant digits as asked, whole digits never rounded away; thousands grouped.
  package static func number(_ value: Double, digits: Int = 3) -> String {
    guard value.isFinite, value != 0 else { return value == 0 ? "0" : word(for: value) }
    let decimals = decimals(value, digits: digits)
    return decimals > 7 ? scientific(value, digits: digits) : fixed(value, decimals)
  }

  /// Fewer decimals where whole digits take their room.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return word(for: value) }
    guard abs(value) < long else { return scientific(value, digits: 3) }
    let whole = max(1, decimalExponent(of: value) + 1)
    let text = String(format: "%.\(max(0, min(decimals, mostDigits - whole)))f", abs(value))
    let parts = text.split(separator: ".", maxSplits: 1)
    let negative = value < 0 && text.contains { $0 != "0" && $0 != "." }
    return (negative ? "−" : "") + grouped(String(parts[0])) + (parts.count > 1 ? "." + parts[1] : "")
  }

  /// `1.5e-9`, `1e308`.
  package static func scientific(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return word(for: value) }
    let parts = String(format: "%.\(max(0, digits - 1))e", abs(value)).split(separator: "e")
    var mantissa = parts[0]
    if mantissa.contains(".") {
      while mantissa.last == "0" { mantissa.removeLast() }
      if mantissa.last == "." { mantissa.removeLast() }
    }
    return "\(value < 0 ? "−" : "")\(mantissa)e\(Int(parts[1]) ?? 0)"
  }

  private static func word(for value: Double) -> String {
    value.isNaN ? "not a number" : value < 0 ? "−∞" : "∞"
  }

  /// To the last digit, as long as anybody counts.
  package static func integer(_ value: Int) -> String {
    let digits = String(value.magnitude)
    guard digits.count <= 12 else { return scientific(Double(value), digits: 4) }
    return (value < 0 ? "−" : "") + grouped(digits)
  }

  /// Mean ± standard deviation, or a median of timings and its interval, all with the first one's decimals.
  package static func estimate(_ estimate: Estimate?, times factor: Double = 1, decimals: Int? = nil) -> String {
    guard let estimate else { return missing }
    let decimals = decimals ?? max(0, min(7, Self.decimals(estimate.value * factor, digits: 3)))
    let mean = fixed(estimate.value * factor, decimals)
    if let interval = estimate.medianInterval {
      return "\(mean) (\(fixed(interval.lower * factor, decimals)) – \(fixed(interval.upper * factor, decimals)))"
    }
    return estimate.standardDeviation.map { "\(mean) ± \(fixed($0 * factor, decimals))" } ?? mean
  }

  /// A difference: `+0.12`, `−0.30`.
  package static func signed(_ value: Double, _ decimals: Int) -> String {
    let text = fixed(abs(value), decimals)
    let isNothing = !text.contains { ("1"..."9").contains($0) }
    return isNothing ? text : (value < 0 ? "−" : "+") + text
  }

  /// The mean alone.
  package static func mean(_ estimate: Estimate?, times factor: Double = 1, digits: Int = 3) -> String {
    estimate.map { number($0.value * factor, digits: digits) } ?? missing
  }

  /// A mean of counts: whole where it is.
  package static func count(_ estimate: Estimate?) -> String {
    estimate.map { fixed($0.value, $0.value == $0.value.rounded() ? 0 : 1) } ?? missing
  }

  /// 0.8731 is `87.31 %`.
  package static func percent(_ fraction: Double, _ decimals: Int = 1) -> String {
    fixed(fraction * 100, decimals) + " %"
  }

  /// With the unit that fits: µs, ms, s, min, h.
  package static func seconds(_ value: Double) -> String {
    let unit = Unit.seconds(for: value)
    return number(value * unit.factor) + " " + unit.name
  }

  /// Time left: `1:02:03` or `2:03`.
  package static func clock(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return missing }
    let whole = Int(max(seconds, 0).rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0 ? String(format: "%d:%02d:%02d", hours, minutes, rest) : String(format: "%d:%02d", minutes, rest)
  }

  package static func bytes(_ value: Double) -> String {
    let unit = Unit.bytes(for: value)
    return number(value * unit.factor) + " " + unit.name
  }

  package static func joules(_ value: Double) -> String {
    let unit = Unit.joules(for: value)
    return number(value * unit.factor) + " " + unit.name
  }

  package static func money(_ value: Double, _ currency: String) -> String { number(value) + " " + currency }

  package static func plural(_ count: Int, _ word: String) -> String {
    "\(integer(count)) \(word)\(count == 1 ? "" : "s")"
  }

  package static func plural(_ count: Int, _ word: String, _ words: String) -> String {
    "\(integer(count)) \(count == 1 ? word : words)"
  }

  /// `a, b and c`.
  package static func list(_ words: [String]) -> String {
    guard words.count > 1, let last = words.last else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }

  /// 0 where there are no digits to show.
  private static func decimals(_ value: Double, digits: Int) -> Int {
    guard value != 0, value.isFinite else { return value == 0 ? digits - 1 : 0 }
    let exponent = decimalExponent(of: value)
    // Rounding may carry into one more digit: 0.9996 is 1.00.
    let scale = pow(10, Double(digits - 1 - exponent))
    let carried = scale.isFinite && (abs(value) * scale).rounded() >= pow(10, Double(digits)) ? 1 : 0
    return max(0, digits - 1 - exponent - carried)
  }

  /// The exponent of a finite number: 2 for 100 to 999; 0 for 0.
  private static func decimalExponent(of value: Double) -> Int {
    value == 0 ? 0 : Int(log10(abs(value)).rounded(.down))
  }

  private static func grouped(_ digits: String) -> String {
    guard digits.count > 4 else { return digits }
    var text = ""
    for (index, digit) in digits.enumerated() {
      if index > 0 && (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }
}

/// A unit that suits the size of what is shown, and what to multiply by.
struct Unit: Equatable {
  let name: String
  let factor: Double

  package static func seconds(for largest: Double) -> Unit {
    switch abs(largest) {
    case ..<1e-3: Unit(name: "µs", factor: 1e6)
    case ..<1: Unit(name: "ms", factor: 1e3)
    case ..<180: Unit(name: "s", factor: 1)
    case ..<7200: Unit(name: "min", factor: 1 / 60)
    default: Unit(name: "h", factor: 1 / 3600)
    }
  }

  package static func joules(for largest: Double) -> Unit {
    switch abs(largest) {
    case ..<1e4: Unit(name: "J", factor: 1)
    case ..<1e7: Unit(name: "kJ", factor: 1e-3)
    default: Unit(name: "MJ", factor: 1e-6)
    }
  }

  package static func bytes(for largest: Double) -> Unit {
    switch abs(largest) {
    case ..<1024: Unit(name: "B", factor: 1)
    case ..<1_048_576: Unit(name: "KiB", factor: 1 / 1024)
    case ..<1_073_741_824: Unit(name: "MiB", factor: 1 / 1_048_576)
    default: Unit(name: "GiB", factor: 1 / 1_073_741_824)
    }
  }
}
