/// A field of comma-separated values as RFC 4180 has them.
public enum CSVField {
  /// In quotes where a comma, a quote or the end of a line would be taken for the file's own.
  public static func append(_ text: UnsafeRawBufferPointer, to fields: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    guard text.contains(where: { $0 == quote || $0 == UInt8(ascii: ",") || $0 == 0x0A || $0 == 0x0D }) else {
      return fields.append(contentsOf: text)
    }
    fields.append(quote)
    for byte in text {
      if byte == quote { fields.append(quote) }
      fields.append(byte)
    }
    fields.append(quote)
  }

  /// As `append`, of several texts, with commas between them.
  public static func line(_ texts: [String]) -> [UInt8] {
    var fields: [UInt8] = []
    for (index, text) in texts.enumerated() {
      if index > 0 { fields.append(UInt8(ascii: ",")) }
      Array(text.utf8).withUnsafeBytes { append($0, to: &fields) }
    }
    return fields
  }
}
