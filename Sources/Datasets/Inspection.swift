import Foundation

/// Facts of a data file or folder, for people.
public enum Inspection {
  /// Whether `path` looks like data that `inspect` can tell about: a folder, or a file that begins like one.
  public static func isData(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return false }
    if isFolder.boolValue { return true }
    guard let memory = try? MappedFile.open(path) else { return false }
    return NativeHeader.isNative(memory) || IDX.isIDX(memory) || Gzip.isGzip(memory)
  }

  /// Names and values, in reading order. Everything is verified on the way.
  ///
  /// - Throws: `DatasetError`.
  public static func inspect(_ path: String) throws -> [(String, String)] {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return try inspectFolder(path)
    }
    let memory = try MappedFile.open(path)
    guard NativeHeader.isNative(memory) else { return facts(try IDX.open(path)) }
    switch try NativeHeader.kind(memory, path) {
    case .images: return facts(try ImageFile.open(path))
    case .clicks:
      let shards = try ClickShards.open(file: path)
      return ClickFacts.of(schema: shards.schema) + ClickFacts.of(shards)
    }
  }

  private static func inspectFolder(_ path: String) throws -> [(String, String)] {
    switch try DatasetFolder.open(path) {
    case .native(let train, let test):
      return section("training: ", facts(train)) + section("validation: ", facts(test))
    case .clicks(let splits): return try ClickFacts.of(path, splits)
    case .idx(let pair):
      let splits = [("training: ", pair.train), ("validation: ", pair.test)]
      return try splits.flatMap { name, files in
        // As many classes as there can be: inspecting tells, it does not judge.
        _ = try IDX.pair(images: files.images, labels: files.labels, classes: 256)
        return section(name + "images: ", facts(files.images)) + section(name + "labels: ", facts(files.labels))
      }
    }
  }

  private static func section(_ prefix: String, _ facts: [(String, String)]) -> [(String, String)] {
    facts.map { (prefix + $0.0, $0.1) }
  }

  private static func facts(_ file: IDX.File) -> [(String, String)] {
    let head = [
      ("file", file.path), ("format", file.isGzip ? "IDX, gzip" : "IDX"), ("bytes", "\(file.byteCount)"),
      (file.kind.name, "\(file.dimensions[0])"),
    ]
    switch file.kind {
    case .images:
      return head + [("shape", "[\(file.dimensions[1]), \(file.dimensions[2]), 1]")]
        + facts(PixelStatistics(file.values))
    case .labels:
      var counts = [Int](repeating: 0, count: 256)
      for label in file.values { counts[Int(label)] += 1 }
      return head + [("samples a class", list(counts))]
    }
  }

  private static func facts(_ file: ImageFile) -> [(String, String)] {
    let schema = file.schema
    return [
      ("file", file.path), ("format", "lockstep, version \(NativeHeader.version)"), ("bytes", "\(file.byteCount)"),
      ("name", schema.name), ("split", schema.split), ("source", schema.source), ("samples", "\(schema.rows)"),
      ("shape", "\(file.images.shape)"), ("classes", "\(schema.classes)"),
      ("samples a class", list(file.images.classCounts)),
      ("normalised by", "mean \(rounded(schema.pixelMean)), deviation \(rounded(schema.pixelDeviation))"),
    ] + facts(PixelStatistics(file.images.pixels))
  }

  private static func facts(_ statistics: PixelStatistics) -> [(String, String)] {
    [("pixel mean", rounded(statistics.mean)), ("pixel deviation", rounded(statistics.deviation))]
  }

  private static func rounded(_ value: Double) -> String { String(format: "%.4f", value) }

  /// `0: 600, 1: 600, …`, classes without samples at the end left out.
  private static func list(_ counts: [Int]) -> String {
    let used = (counts.lastIndex { $0 > 0 } ?? -1) + 1
    return counts[..<used].enumerated().map { "\($0.offset): \($0.element)" }.joined(separator: ", ")
  }
}
