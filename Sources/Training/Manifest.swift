import Files
import Foundation

/// `manifest.json`: which files are one save, and what each of them holds. It is written last, so that files count all at
/// once: see `StagedFiles`.
struct Manifest: Codable, Equatable, Sendable {
  static let currentVersion = 1

  var version = Self.currentVersion
  /// Which version of Lockstep wrote it.
  var lockstep = Lockstep.version
  /// Of the save.
  var id: String
  var files: [File]

  struct File: Codable, Equatable, Sendable {
    var name: String
    /// Of the file; of a file of tensors those of their numbers, which another program may put behind another header.
    var bytes: Int
    /// Of the file; of a file of tensors that of their numbers, in the order of `tensors`.
    var sha256: String
    var tensors: [TensorShape]?
    /// Texts of a safetensors file that its meaning depends on.
    var metadata: [String: String]?
  }

  /// A tensor of 32-bit floats.
  struct TensorShape: Codable, Equatable, Sendable {
    var name: String
    var shape: [Int]
  }

  func file(_ file: SavedFile) -> File? { files.first { $0.name == file.rawValue } }

  func encoded() throws -> Data { try RecordFile.encoder(pretty: true).encode(self) }
}

extension Manifest.File {
  init(_ file: SavedFile, _ data: Data) {
    self.init(name: file.rawValue, bytes: data.count, sha256: WeightsHash.sha256(data))
  }

  /// - Parameter tensors: in the order of the hash.
  init(_ file: SavedFile, _ tensors: [(name: String, shape: [Int])], sha256: String, metadata: [String: String]? = nil)
  {
    self.init(
      name: file.rawValue, bytes: tensors.reduce(0) { $0 + $1.shape.reduce(MemoryLayout<Float>.stride, *) },
      sha256: sha256, tensors: tensors.map { .init(name: $0.name, shape: $0.shape) }, metadata: metadata)
  }

  /// As `SafeTensors` takes them; empty where this is no file of tensors.
  var named: [(name: String, shape: [Int])] { (tensors ?? []).map { ($0.name, $0.shape) } }
}

extension Manifest {
  /// Nil where the folder has none: what is there was saved before there were any.
  ///
  /// - Throws: `ModelFile.Failure`.
  static func read(in folder: String) throws -> Manifest? {
    let path = "\(folder)/\(StagedFiles.manifest)"
    switch InputFile.kind(of: path) {
    case .absent: return nil
    case .file: break
    default: throw damaged(path, "it is no file")
    }
    guard let data = FileManager.default.contents(atPath: path) else {
      throw ModelFile.Failure(description: "\(path): cannot be read; check its permissions")
    }
    if let version = try? JSONDecoder().decode(VersionOnly.self, from: data).version, version != currentVersion {
      throw ModelFile.Failure(
        description: "\(path): version \(version), not \(currentVersion): another Lockstep wrote it; use that one, or "
          + "train again")
    }
    guard let manifest = try? JSONDecoder().decode(Manifest.self, from: data) else {
      throw damaged(path, "not what Lockstep writes")
    }
    if let problem = manifest.problem ?? RepeatedKey.first(in: data).map({ "it says '\($0)' twice" }) {
      throw damaged(path, problem)
    }
    return manifest
  }

  private struct VersionOnly: Decodable { var version: Int }

  private static func damaged(_ path: String, _ problem: String) -> ModelFile.Failure {
    ModelFile.Failure(
      description:
        "\(path): damaged (\(problem)): train or export the model again, or remove it where the files beside it "
        + "are known to be of one run")
  }

  private var problem: String? {
    guard UniqueName.isOne(id) else { return "the id '\(id)'" }
    let names = files.map(\.name)
    guard Set(names).count == names.count else { return "a file is listed twice" }
    if let other = names.first(where: { !SavedFile.names.contains($0) }) { return "'\(other)' is no file of a model" }
    for needed in [SavedFile.weights, .model] where file(needed) == nil { return "no \(needed.rawValue)" }
    return files.lazy.compactMap(\.problem).first
  }
}

extension Manifest.File {
  fileprivate var problem: String? {
    let isOfTensors = name.hasSuffix(".safetensors")
    guard (tensors != nil) == isOfTensors else { return "the tensors of \(name)" }
    guard sha256.utf8.count == 64, bytes >= 0 else { return "the hash of \(name)" }
    guard let tensors else { return nil }
    guard Set(tensors.map(\.name)).count == tensors.count else { return "a tensor of \(name) is listed twice" }
    return sum(tensors) == bytes ? nil : "the bytes of \(name)"
  }

  /// Bytes of their numbers; nil where there are no such shapes.
  private func sum(_ tensors: [Manifest.TensorShape]) -> Int? {
    var sum = 0
    for tensor in tensors {
      var product = MemoryLayout<Float>.stride
      for extent in tensor.shape {
        let (next, overflows) = product.multipliedReportingOverflow(by: extent)
        guard extent >= 0, !overflows else { return nil }
        product = next
      }
      let (next, overflows) = sum.addingReportingOverflow(product)
      guard !overflows else { return nil }
      sum = next
    }
    return sum
  }
}
