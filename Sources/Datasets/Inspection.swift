import Configuration
import Foundation

/// Facts of a data file or folder, for people.
public enum Inspection {
  /// Names and values, in reading order. Everything is verified on the way.
  ///
  /// - Throws: `DatasetError`.
  public static func inspect(_ path: String) throws -> [(String, String)] {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
      return try inspectFolder(path)
    }
    let memory = try MappedFile.open(path)
    guard NativeHeader.isNative(memory) else {
      return try CIFAR.isNamed(path) ? facts(CIFAR.open(path)) : facts(IDX.open(path))
    }
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
      return section("training: ", facts(train)) + section("test: ", facts(test))
    case .clicks(let splits): return try ClickFacts.of(path, splits)
    case .cifar(let folder):
      return try folder.train.enumerated().flatMap { section("training, file \($0 + 1): ", try facts($1)) }
        + section("test: ", facts(folder.test))
    case .imageFolder(let folder): return try facts(folder)
    case .idx(let pair):
      let splits = [("training: ", pair.train), ("test: ", pair.test)]
      return try splits.flatMap { name, files in
        // As many classes as there can be: inspecting tells, it does not judge.
        _ = try IDX.pair(images: files.images, labels: files.labels, classes: mostClasses)
        return section(name + "images: ", try facts(files.images)) + section(name + "labels: ", try facts(files.labels))
      }
    }
  }

  private static var mostClasses: Int { ConfigurationNode.classes.upperBound }

  private static func section(_ prefix: String, _ facts: [(String, String)]) -> [(String, String)] {
    facts.map { (prefix + $0.0, $0.1) }
  }

  private static func facts(_ file: IDX.File) throws -> [(String, String)] {
    let head =
      [
        ("file", file.path), ("format", file.packing == .none ? "IDX" : "IDX, \(file.packing.rawValue)"),
        ("bytes", "\(file.byteCount)"), (file.kind.name, "\(file.count)"),
      ] + (file.header.element == .unsignedByte ? [] : [("values", file.header.element.name)])
    switch file.kind {
    case .images:
      let pixels = try file.pixels()
      return head + [("shape", "\(file.shape)")]
        + withExtendedLifetime(pixels.memory) { facts(PixelStatistics(pixels.values, channels: file.shape[2])) }
    case .labels: return head + [("samples a class", list(counts(try file.labels(classes: mostClasses))))]
    }
  }

  private static func facts(_ file: CIFAR.File) throws -> [(String, String)] {
    // As many classes as there can be: inspecting tells, it does not judge.
    let images = try CIFAR.images([file], classes: 256)
    return [
      ("file", file.path), ("format", "CIFAR-10, binary"), ("bytes", "\(file.memory.byteCount)"),
      ("samples", "\(file.count)"), ("shape", "\(images.shape)"), ("samples a class", list(images.classCounts)),
    ] + facts(PixelStatistics(images.pixels, channels: images.shape[2]))
  }

  /// The files' headers are read, not their pixels.
  private static func facts(_ folder: ImageFolder) throws -> [(String, String)] {
    let facts = try (folder.train + folder.test).map { try ImageDecoder.facts(of: $0.path) }
    let heights = facts.map(\.size.height), widths = facts.map(\.size.width)
    let range = { (values: [Int]) in "\(values.min()!) to \(values.max()!)" }
    return [
      ("format", "PNG and JPEG files by class"), ("classes", folder.classNames.joined(separator: ", ")),
      ("height", range(heights)), ("width", range(widths)), ("coloured", "\(facts.count(where: \.isColoured)) files"),
      ("training: samples a class", list(counts(folder.train.map { Int($0.label) }))),
      ("test: samples a class", list(counts(folder.test.map { Int($0.label) }))),
    ]
  }

  private static func counts(_ labels: some Collection<Int>) -> [Int] {
    labels.reduce(into: [Int](repeating: 0, count: (labels.max() ?? -1) + 1)) { $0[$1] += 1 }
  }

  private static func facts(_ file: ImageFile) -> [(String, String)] {
    let schema = file.schema
    return [
      ("file", file.path), ("format", "lockstep, version \(file.version)"), ("bytes", "\(file.byteCount)"),
      ("name", schema.name), ("split", schema.split), ("source", schema.source), ("samples", "\(schema.rows)"),
      ("shape", "\(file.images.shape)"), ("classes", "\(schema.classes)"),
      ("samples a class", list(file.images.classCounts)),
      (
        "normalised by",
        "mean \(rounded(schema.pixelMean.values)), deviation \(rounded(schema.pixelDeviation.values))"
      ),
    ] + (schema.classNames.map { [("class names", $0.joined(separator: ", "))] } ?? [])
      + facts(PixelStatistics(file.images.pixels, channels: file.images.shape[2]))
  }

  private static func facts(_ statistics: PixelStatistics) -> [(String, String)] {
    [("pixel mean", rounded(statistics.means)), ("pixel deviation", rounded(statistics.deviations))]
  }

  private static func rounded(_ values: [Double]) -> String {
    values.map { String(format: "%.4f", $0) }.joined(separator: ", ")
  }

  /// `0: 600, 1: 600, …`, classes without samples at the end left out.
  private static func list(_ counts: [Int]) -> String {
    let used = (counts.lastIndex { $0 > 0 } ?? -1) + 1
    return counts[..<used].enumerated().map { "\($0.offset): \($0.element)" }.joined(separator: ", ")
  }
}
