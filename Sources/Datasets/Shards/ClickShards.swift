import Buffers
import Configuration
import Foundation

/// All shards of one split, from one conversion, in order.
struct ClickShards {
  let files: [ClickFile]
  let schema: ClickSchema

  var rows: Int { files.reduce(0) { $0 + $1.header.rows } }
  var positives: Int { files.reduce(0) { $0 + $1.header.positives } }
  var byteCount: Int { files.reduce(0) { $0 + $1.memory.byteCount } }

  /// The splits that a folder's names speak of.
  static func splits(in names: Set<String>) -> [ClickSplit] {
    let found = Set(names.compactMap { ClickShardName($0)?.split })
    return ClickSplit.allCases.filter { found.contains($0.rawValue) }
  }

  /// Opens and verifies a split.
  static func open(_ folder: String, _ split: ClickSplit) throws -> ClickShards {
    let names = try names(folder, split)
    let files = try names.map { name in
      let file = try ClickFile.open("\(folder)/\(name.text)")
      try check(file, name)
      return file
    }
    try checkFellows(files)
    return try ClickShards(verifying: files)
  }

  /// One shard alone.
  static func open(file path: String) throws -> ClickShards { try ClickShards(verifying: [try ClickFile.open(path)]) }

  private init(verifying files: [ClickFile]) throws {
    self.files = files
    schema = try files[0].schema()
    let check = ClickRecordCheck(schema)
    for file in files { try file.verify(check) }
  }

  /// The names of a whole split, none missing, none too many.
  private static func names(_ folder: String, _ split: ClickSplit) throws -> [ClickShardName] {
    let found = try DatasetFolder.contents(of: folder).compactMap { ClickShardName($0) }
      .filter { $0.split == split.rawValue }.sorted { ($0.shards, $0.shard) < ($1.shards, $1.shard) }
    guard let first = found.first, let last = found.last else {
      throw DatasetError(file: folder, "there is no \(split.rawValue) split here")
    }
    guard first.shards == last.shards else {
      throw DatasetError(
        file: folder, "\(first.text) and \(last.text) are shards of two conversions: remove those of the older one")
    }
    for shard in 0..<max(first.shards, 1) where shard >= found.count || found[shard].shard != shard {
      let missing = ClickShardName(split: split.rawValue, shard: shard, shards: first.shards)
      throw DatasetError(
        file: "\(folder)/\(missing.text)", "this shard is missing: copy it again, or make all of them again")
    }
    guard found.count == first.shards else {
      throw DatasetError(file: "\(folder)/\(last.text)", "a shard beyond the last: remove it")
    }
    return found
  }

  private static func check(_ file: ClickFile, _ name: ClickShardName) throws {
    let header = file.header
    let inside = ClickShardName(split: header.split, shard: header.shard, shards: header.shards)
    guard inside == name else {
      throw DatasetError(file: file.path, "inside it is \(inside.text.shown): give it its own name back")
    }
  }

  /// Every shard's schema and identity are the first one's, and all but the last are full.
  private static func checkFellows(_ files: [ClickFile]) throws {
    let first = files[0]
    for file in files {
      guard file.hasSchema(of: first), file.header.layout == first.header.layout else {
        throw DatasetError(file: file.path, "its schema is not that of \(first.path): make all shards again, together")
      }
      guard file.header.set == first.header.set, file.header.rowsPerShard == first.header.rowsPerShard else {
        throw DatasetError(file: file.path, "not made together with \(first.path): make all shards again, together")
      }
      guard file.header.rows == file.header.rowsPerShard || file.header.shard == files.count - 1 else {
        throw DatasetError(
          file: file.path,
          "\(file.header.rows) rows, but every shard before the last has \(file.header.rowsPerShard): \(ClickFile.remedy)"
        )
      }
    }
    let set = files.reduce(first.header.schema.crc32) { Checksum.crc32($1.checksums, after: $0) }
    guard set == first.header.set else {
      throw DatasetError(file: first.path, "its fellows are not those that it was made with: make all shards again")
    }
  }
}
