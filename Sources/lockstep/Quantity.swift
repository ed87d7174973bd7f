import ArgumentParser

/// Flags that are a number and a unit.
enum Quantity {
  /// `50us`, `0.1ms`, `1s`.
  static func seconds(_ flag: String, _ text: String) throws -> Double {
    try value(flag, text, [("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("ns", 1e-9), ("s", 1)], 0...1, "50us")
  }

  /// `100mbit`, `1gbit` a second, as tc has them.
  static func bytesPerSecond(_ flag: String, _ text: String) throws -> Double {
    try value(
      flag, text, [("kbit", 125), ("mbit", 125e3), ("gbit", 125e6), ("tbit", 125e9)], 125...125e12, "1gbit")
  }

  /// - Parameter units: by their words; the first that the text ends with.
  private static func value(
    _ flag: String, _ text: String, _ units: [(word: String, size: Double)], _ range: ClosedRange<Double>,
    _ example: String
  ) throws -> Double {
    let small = text.lowercased()
    guard let unit = units.first(where: { small.hasSuffix($0.word) }),
      let number = Double(small.dropLast(unit.word.count)),
      range.contains(number * unit.size)
    else {
      let words = units.map(\.word).joined(separator: ", ")
      throw ValidationError(
        "\(flag) is '\(text)', but must be a number and one of \(words), within what networks have, such as \(example)")
    }
    return number * unit.size
  }
}
