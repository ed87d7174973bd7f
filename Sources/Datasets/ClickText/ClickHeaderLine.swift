import Configuration

/// The names of a file's columns, as texts that a line may hold in place of a row's: a header where none should be, or one
/// more in the middle of files that were put together.
final class ClickHeaderLine: @unchecked Sendable {
  // Unchecked: nothing writes to it once it is made.

  /// The texts that are compared: a line may have no label.
  private let compared: [Int]
  /// The first of them.
  private let first: Int
  /// Name of each text.
  private let names: [[UInt8]]
  /// All names of the file, where any text may be a label: then a header with its columns in another order must be told
  /// from a row too. Else it has no label.
  private let all: [[UInt8]]
  /// Bit n for names of n bytes.
  private let lengths: UInt64

  /// - Parameters:
  ///   - names: of the texts, the label's first.
  ///   - own: the texts that are columns of the file.
  ///   - columns: of the file.
  /// - Returns: nil where a row might well hold these texts.
  init?(_ names: [String], _ own: [Int], columns: [String], _ label: ClickSchemaFile.Label) {
    let hasLabel = columns.contains(label.column)
    let labels = (label.positive ?? ["0", "1"]).map { $0.lowercased() }
    guard hasLabel ? !labels.contains(label.column.lowercased()) : own.count > 2 else { return nil }
    compared = Array(own.dropFirst(hasLabel ? 0 : 1))
    first = compared[0]
    self.names = names.map { Self.small($0.utf8) }
    all = hasLabel && label.positive == nil ? [] : columns.map { Self.small($0.utf8) }
    lengths = (all.isEmpty ? [self.names[first]] : all).reduce(0) { $0 | Self.bit($1.count) }
  }

  /// - Parameter texts: of a line. Nearly always the length of the first one says no.
  @inline(__always)
  func isHeld(by texts: UnsafePointer<TextSpan>) -> Bool {
    lengths & Self.bit(texts[first].count) != 0 && isHeader(texts)
  }

  private func isHeader(_ texts: UnsafePointer<TextSpan>) -> Bool {
    compared.allSatisfy { Self.isSame(texts[$0], names[$0]) }
      || compared.allSatisfy { index in all.contains { Self.isSame(texts[index], $0) } }
  }

  private static func isSame(_ text: TextSpan, _ name: [UInt8]) -> Bool {
    text.count == name.count && name.indices.allSatisfy { small(text.start[$0]) == name[$0] }
  }

  @inline(__always)
  private static func bit(_ length: Int) -> UInt64 { 1 &<< UInt64(truncatingIfNeeded: min(length, 63)) }

  /// With small letters for capital ones.
  private static func small(_ bytes: some Sequence<UInt8>) -> [UInt8] { bytes.map { small($0) } }

  @inline(__always)
  private static func small(_ byte: UInt8) -> UInt8 {
    UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
  }
}
