import Files
import Foundation

/// `manifest.json`: which files are one save, and what each of them holds. It is written last, so that files count all at
/// once: see `StagedFiles`.
struct Manifest: Encodable, Equatable, Sendable {
  static let currentVersion = 1

  var version = Self.currentVersion
  /// Version of Lockstep that wrote it.
  var lockstep = Lockstep.version
  /// Name of the save, unlike any other's.
  var id: String
  var files: [File]

  struct File: Encodable, Equatable, Sendable {
    var name: String
    /// Bytes of the file; of a file of tensors those of their numbers, which another program may put behind another
    /// header.
    var bytes: Int
    /// Hash of the file; of a file of tensors that of their numbers, in the order of `tensors`.
    var sha256: String
    var tensors: [TensorShape]?
    /// Texts of a safetensors file that its meaning depends on.
    var metadata: [String: String]?
  }

  /// A tensor of 32-bit floats.
  struct TensorShape: Encodable, Equatable, Sendable {
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
