/// Self-description of a shard of click data, as JSON in the file's header. Its own size does not depend on its values
/// once it is filled up to `reservedSize`, so it can be written last.
struct ClickHeader: Encodable, Equatable {
  var kind = NativeKind.clicks.rawValue
  /// `train`, `validation` or `test`.
  var split: String
  /// From 0.
  var shard: Int
  /// Shards of this split.
  var shards: Int
  /// In this shard.
  var rows: Int
  /// Rows of every shard but the last, which may have fewer.
  var rowsPerShard: Int
  static let mostRowsPerShard = 1 << 40
  /// Rows of this shard with label 1.
  var positives: Int
  /// Dense values of a record: the schema says the same.
  var dense: Int
  var fields: Int
  /// True where a record ends with the sample's weight; nil in all others, as earlier versions wrote them.
  var weighted: Bool?
  /// Rows under one checksum; the last block may have fewer.
  var blockRows: Int
  /// The same in all shards that were written together: CRC-32 of the schema and of all their checksums.
  var set: UInt32
  /// Where the rows came from.
  var source: String
  /// The `ClickSchema`, as JSON.
  var schema: NativePart
  /// CRC-32 of each block of rows.
  var checksums: NativePart
  /// The text of the schema file, where the rows were text. No part of `schema` and so of `set`: a comment in it does not
  /// make other data.
  var schemaFile: String?

  /// Enough for a JSON object whose numbers are not known yet.
  var reservedSize: Int {
    get throws {
      var largest = self
      (largest.shard, largest.shards, largest.rows, largest.rowsPerShard) = (.max, .max, .max, .max)
      (largest.positives, largest.set) = (.max, .max)
      largest.checksums = NativePart(bytes: .max, crc32: .max)
      return try NativeHeader.json(largest).count
    }
  }

  var layout: ClickRecordLayout { ClickRecordLayout(dense: dense, fields: fields, isWeighted: weighted == true) }

  /// Bytes of the records.
  var recordBytes: Int { rows * layout.stride }

  var blocks: Int { (rows + blockRows - 1) / blockRows }
}

/// `train-00000-of-00003.lockstep`
struct ClickShardName: Hashable {
  var split: String
  var shard: Int
  var shards: Int

  static let suffix = ".lockstep"

  init(split: String, shard: Int, shards: Int) {
    self.split = split
    self.shard = shard
    self.shards = shards
  }

  /// Nil where the file's name is not a shard's.
  init?(_ name: String) {
    guard name.hasSuffix(Self.suffix) else { return nil }
    let parts = name.dropLast(Self.suffix.count).split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[2] == "of", let shard = Self.number(parts[1]), let shards = Self.number(parts[3]),
      ClickSplit(rawValue: String(parts[0])) != nil
    else { return nil }
    self.init(split: String(parts[0]), shard: shard, shards: shards)
  }

  var text: String { "\(split)-\(Self.padded(shard))-of-\(Self.padded(shards))\(Self.suffix)" }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(5 - digits.count, 0)) + digits
  }

  private static func number(_ text: Substring) -> Int? {
    guard text.count >= 5, text.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
    return Int(text)
  }
}

/// The parts that click data comes in.
public enum ClickSplit: String, CaseIterable, Sendable { case train, validation, test }
