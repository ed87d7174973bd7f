import Configuration
import Foundation

/// Facts of click data, for people.
enum ClickFacts {
  /// The facts of a folder; every shard is verified.
  static func of(_ folder: String, _ splits: [ClickSplit]) throws -> [(String, String)] {
    let opened = try splits.map { ($0, try ClickShards.open(folder, $0)) }
    for (_, shards) in opened.dropFirst() {
      try DatasetFolder.checkPair(opened[0].1.files[0], shards.files[0])
    }
    return of(schema: opened[0].1.schema)
      + opened.flatMap { split, shards in of(shards).map { ("\(split.rawValue): \($0.0)", $0.1) } }
  }

  static func of(_ shards: ClickShards) -> [(String, String)] {
    let header = shards.files[0].header
    let shard = shards.files.count == header.shards ? "\(header.shards)" : "number \(header.shard) of \(header.shards)"
    return [
      ("split", header.split), ("source", header.source), ("shards", shard), ("bytes", "\(shards.byteCount)"),
      ("rows", "\(shards.rows)"),
      ("positives", "\(shards.positives) (\(percent(Double(shards.positives) / Double(shards.rows))))"),
      ("verified", "every row: checksums, labels, values, ids"),
    ]
  }

  static func of(schema: ClickSchema) -> [(String, String)] {
    let label = schema.label.positive.map { "\(schema.label.column), 1 for \($0.joined(separator: ", "))" }
    let dense = schema.dense.map { ("  \($0.column)", text($0)) }
    let fields = schema.fields.map { ("  \($0.column)", "\($0.cardinality): \(text($0.encoding))\(text($0.values))") }
    var facts = [
      ("format", "lockstep clicks, version \(NativeHeader.versions.lowerBound)"), ("name", schema.name),
      ("label", label ?? schema.label.column),
    ]
    if let weight = schema.weight { facts.append(("weight", weight)) }
    facts += [("record", "\(schema.layout.stride) bytes"), ("dense values", "\(schema.dense.count)")] + dense
    return facts + [("id fields", "\(schema.fields.count), with \(schema.idFields.rows) rows of the table")] + fields
  }

  private static func text(_ values: ClickValues?) -> String {
    values.map { ", the \($0.pooling.rawValue) of up to \($0.atMost) values between '\($0.separator)'" } ?? ""
  }

  private static func text(_ column: ClickSchema.DenseColumn) -> String {
    var parts = [column.transform == .log ? "log" : "as it is"]
    if column.standardize || column.mean != 0 || column.deviation != 1 {
      parts.append("less \(rounded(column.mean)), over \(rounded(column.deviation))")
    }
    return (parts + ["missing is \(rounded(column.missing))"]).joined(separator: ", ")
  }

  private static func text(_ encoding: ClickSchema.IDColumn.Encoding) -> String {
    switch encoding {
    case .integer: "whole numbers"
    case .hash: "hashed"
    case .vocabulary(let minimum, let texts): "vocabulary of \(texts.count) texts seen \(minimum) times or more"
    case .buckets(let boundaries, 0): "numbers between \(boundaries.count) boundaries"
    case .buckets(let boundaries, let quantiles):
      "numbers between \(boundaries.count) boundaries of \(quantiles) quantiles"
    }
  }

  private static func rounded(_ value: Double) -> String { String(format: "%.6g", value) }
  private static func percent(_ share: Double) -> String { String(format: "%.2f %%", 100 * share) }
}
