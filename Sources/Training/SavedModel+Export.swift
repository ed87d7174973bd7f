import Files
import Foundation

extension SavedModel {
  /// Sizes of the parts that an export kept and left out, in bytes.
  public struct Export: Equatable, Sendable {
    /// Bytes of `model.json`.
    public var schema: Int
    /// Bytes of `weights.safetensors`.
    public var weights: Int
    /// 0 where the folder holds none.
    public var optimizer: Int
    /// Whether the optimiser's state was copied as well.
    public var keepsOptimizer: Bool

    /// Bytes of the model's files in the folder that was exported.
    public var before: Int { schema + weights + optimizer }
    /// Bytes of the exported files.
    public var after: Int { keepsOptimizer ? before : schema + weights }
  }

  /// Writes the model to `target`, without the optimiser's state unless that is to be kept. Each file is held to the
  /// manifest while it is copied, which takes no memory; they appear all at once, or not at all.
  ///
  /// - Throws: `ModelFile.Failure`, `SafeTensors.Failure`, `FileError`.
  public func export(to target: String, keepsOptimizer: Bool) throws -> Export {
    let description = try modelFile()
    guard !isAt(target) else {
      throw ModelFile.Failure(description: "\(path): a model cannot be exported to its own folder; choose another")
    }
    let sizes = try Export(
      schema: bytes(of: .model), weights: bytes(of: .weights),
      optimizer: has(.optimizer) ? bytes(of: .optimizer) : 0, keepsOptimizer: keepsOptimizer)
    // A state that is left out is not read, but what the figures speak of must be one.
    if has(.optimizer), !keepsOptimizer { _ = try SafeTensorsFile(url(.optimizer)) }
    let folder = try ResultFolder(target, replacing: .exportedModel)
    try FreeSpace.require(sizes.after, at: folder.path)
    try FileSizeLimit.require(max(sizes.weights, keepsOptimizer ? sizes.optimizer : 0), for: target)
    _ = try ModelSave.save(in: folder.path) { save in
      try save.add(try data(of: .model), as: .model)
      try save.copy(.weights, of: self, description)
      if keepsOptimizer, has(.optimizer) { try save.copy(.optimizer, of: self, description) }
    }
    return sizes
  }

  private func isAt(_ other: String) -> Bool {
    func resolved(_ path: String) -> URL {
      URL(fileURLWithPath: NSString(string: path).expandingTildeInPath).resolvingSymlinksInPath().standardizedFileURL
    }
    return resolved(path) == resolved(other)
  }
}
