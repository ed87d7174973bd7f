import Configuration
import Files
import Foundation

extension Manifest {
  private static let stored = StoredKind(
    "a manifest", version: currentVersion,
    remedy:
      "train or export the model again, or remove the manifest where the files beside it are known to be of one run")

  private enum Key: String, SectionKey { case version, lockstep, id, files }

  /// Nil where the folder has none: what is there was saved before there were any.
  ///
  /// - Throws: `ConfigurationError`, with file, line and key.
  static func read(in folder: String) throws -> Manifest? {
    let path = "\(folder)/\(StagedFiles.manifest)"
    guard InputFile.kind(of: path) != .absent else { return nil }
    return try stored.read(file: path) { try Manifest($0) }
  }

  private init(_ node: ConfigurationNode) throws {
    let section = try Section<Key>(node)
    version = try section.required(.version).whole()
    lockstep = try section.required(.lockstep).anyText()
    id = try section.required(.id).anyText()
    guard UniqueName.isOne(id) else { throw try section.required(.id).error("'\(id.shown)' is no id of a save") }
    let list = try section.required(.files)
    files = try list.values { try File($0) }
    guard Set(files.map(\.name)).count == files.count else { throw list.error("\(list.path) lists a file twice") }
    for needed in [SavedFile.weights, .model] where file(needed) == nil {
      throw list.error("\(list.path) lists no \(needed.rawValue)")
    }
  }
}

extension Manifest.File {
  private enum Key: String, SectionKey { case name, bytes, sha256, tensors, metadata }

  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<Key>(node)
    let file: SavedFile = try section.required(.name).choice()
    name = file.rawValue
    bytes = try section.required(.bytes).whole(in: 0...Int.max)
    sha256 = try section.required(.sha256).anyText()
    tensors = try section.optional(.tensors)?.values { try Manifest.TensorShape($0) }
    metadata = try section.optional(.metadata).map { node in
      Dictionary(uniqueKeysWithValues: try node.entries().map { ($0.key, try $0.value.anyText()) })
    }
    try checkSense(file, node)
  }

  private func checkSense(_ file: SavedFile, _ node: ConfigurationNode) throws {
    guard (tensors != nil) == (file == .weights || file == .optimizer) else {
      throw node.error("\(node.path) is \(name): tensors do not go with that")
    }
    guard let tensors else { return }
    guard Set(tensors.map(\.name)).count == tensors.count else { throw node.error("\(node.path) lists a tensor twice") }
    guard Self.bytes(of: tensors) == bytes else { throw node.error("\(node.path).bytes are not those of its tensors") }
  }

  /// Bytes of their numbers; nil where nothing is as large.
  private static func bytes(of tensors: [Manifest.TensorShape]) -> Int? {
    var sum = 0
    for tensor in tensors {
      guard let bytes = byteCount(of: tensor.shape, each: MemoryLayout<Float>.stride) else { return nil }
      let (next, overflows) = sum.addingReportingOverflow(bytes)
      guard !overflows else { return nil }
      sum = next
    }
    return sum
  }
}

extension Manifest.TensorShape {
  private enum Key: String, SectionKey { case name, shape }

  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<Key>(node)
    name = try section.required(.name).anyText()
    shape = try section.required(.shape).values { try $0.whole(in: 0...Int.max) }
  }
}

/// Bytes of so many numbers of `size` bytes; nil where nothing is as large.
func byteCount(of shape: [Int], each size: Int) -> Int? {
  var product = size
  for extent in shape {
    let (next, overflows) = product.multipliedReportingOverflow(by: extent)
    guard !overflows else { return nil }
    product = next
  }
  return product
}
