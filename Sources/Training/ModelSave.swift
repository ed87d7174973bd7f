import Buffers
import Files
import Foundation

/// One save of a model. Its files are written beside their places and count all at once, when the manifest that lists them
/// is in place: see `StagedFiles`.
package struct ModelSave {
  private let staged: StagedFiles
  private var files: [Manifest.File] = []

  private init(in folder: String) { staged = StagedFiles(in: folder) }

  /// - Parameter body: adds the files.
  /// - Returns: the files' names.
  /// - Throws: what `body` throws, and `FileError`. The folder then holds what it held before.
  package static func save(in folder: String, _ body: (inout ModelSave) throws -> Void) throws -> [String] {
    var save = ModelSave(in: folder)
    do {
      try body(&save)
      try save.staged.publish(Manifest(id: save.staged.id, files: save.files).encoded())
    } catch {
      save.staged.discard(SavedFile.names)
      throw (error as? FileError)?.adding("what was in \(folder) before is kept") ?? error
    }
    let names = save.files.map(\.name)
    try save.staged.settle(names, of: SavedFile.names)
    save.staged.removeOthers(than: names, of: SavedFile.names)
    return names
  }

  package mutating func add(_ data: Data, as file: SavedFile) throws {
    try write(file) { try $0.write(data) }
    files.append(Manifest.File(file, data))
  }

  /// Arrays are written as they lie in memory.
  /// - Parameters:
  ///   - metadata: all that the file gets.
  ///   - counted: what of it the manifest keeps.
  ///   - sha256: of the numbers, where it is known.
  package mutating func add(
    _ tensors: [(name: String, tensor: Tensor)], metadata: [String: String], counted: [String: String]? = nil,
    sha256: String? = nil, as file: SavedFile
  ) throws {
    try write(file) { try SafeTensors.write(tensors, metadata: metadata, to: &$0) }
    let hash = sha256 ?? WeightsHash.sha256(tensors.map(\.tensor))
    files.append(
      Manifest.File(
        file, tensors.map { ($0.name, $0.tensor.shape.dimensions) }, sha256: hash, metadata: counted))
  }

  /// A saved model's weights or optimiser's state, checked while they are copied.
  package mutating func copy(_ file: SavedFile, of model: SavedModel, _ description: ModelFile) throws {
    let tensors = try SafeTensorsFile(model.url(file))
    let expected = try model.expected(tensors, file, description)
    var hash = ""
    try write(file) { hash = try SafeTensors.copy(tensors, expected.map(\.name), to: &$0) }
    try model.require(hash, tensors, file, description)
    let counted = file == .optimizer ? OptimizerFile.counted(tensors.header.metadata) : nil
    files.append(Manifest.File(file, expected, sha256: hash, metadata: counted))
  }

  private func write(_ file: SavedFile, _ body: (inout AtomicFile) throws -> Void) throws {
    var output = try AtomicFile(staged.place(of: file.rawValue))
    try body(&output)
    try output.commit(as: staged.path(of: file.rawValue))
  }
}
