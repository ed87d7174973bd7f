import Foundation

/// How records are kept as JSON. A diverged run's losses are not numbers, and JSON has no word for that: they are written
/// as the strings "NaN", "Infinity" and "-Infinity".
public enum RecordFile {
  /// Keys in alphabetical order, so that equal records are equal bytes; one line, or indented where `pretty`.
  public static func encoder(pretty: Bool = false) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.outputFormatting =
      pretty ? [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted] : [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
    return encoder
  }

  /// A `run.json`.
  static func data(_ record: RunRecord) throws -> Data { try encoder(pretty: true).encode(record) }
}
