/// One value of an axis.
public enum AxisValue: Hashable, Sendable {
  /// A count: a batch, ranks.
  case whole(Int)
  /// A seed, from 0.
  case seed(UInt64)
  /// A setting that need not be whole: momentum.
  case number(Double)
  /// A choice, or a name.
  case word(String)
}

extension AxisValue: Encodable {
  /// The bare value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .whole(let value): try container.encode(value)
    case .seed(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .word(let value): try container.encode(value)
    }
  }
}

extension AxisValue: CustomStringConvertible {
  /// As a file has it.
  public var description: String {
    switch self {
    case .whole(let value): "\(value)"
    case .seed(let value): "\(value)"
    case .number(let value): "\(value)"
    case .word(let value): value
    }
  }
}

extension AxisValue: Comparable {
  /// Numbers by size, before words, which go by the alphabet.
  public static func < (a: AxisValue, b: AxisValue) -> Bool {
    switch (a, b) {
    case (.whole(let a), .whole(let b)): a < b
    case (.seed(let a), .seed(let b)): a < b
    case (.word(let a), .word(let b)): a < b
    case (.word, _): false
    case (_, .word): true
    default: a.size < b.size
    }
  }

  private var size: Double {
    switch self {
    case .whole(let value): Double(value)
    case .seed(let value): Double(value)
    case .number(let value): value
    case .word: .nan
    }
  }
}
