import Files
import Foundation

/// A saved model: `model.json`, `weights.safetensors` and, where training may go on, `optimizer.safetensors`. The
/// --output folder of `lockstep train` is one, and so is what `lockstep export` writes.
public struct ModelFolder: Sendable {
  public let path: String

  public init(_ path: String) { self.path = NSString(string: path).expandingTildeInPath }

  public var model: URL { file("model.json") }
  public var weights: URL { file("weights.safetensors") }
  public var optimizer: URL { file("optimizer.safetensors") }

  public var hasOptimizer: Bool { FileManager.default.fileExists(atPath: optimizer.path) }

  private func file(_ name: String) -> URL { URL(fileURLWithPath: path).appendingPathComponent(name) }
}

extension ModelFolder {
  /// What an export kept and left out, in bytes.
  public struct Export: Equatable, Sendable {
    public var schema: Int
    public var weights: Int
    /// 0 where the folder holds none.
    public var optimizer: Int
    public var keepsOptimizer: Bool

    public var before: Int { schema + weights + optimizer }
    public var after: Int { keepsOptimizer ? before : schema + weights }
  }

  /// Writes the model to `target`, without the optimiser's state unless that is to be kept. Each file is checked first
  /// and appears whole or not at all; copying takes no memory.
  ///
  /// - Throws: `ModelFile.Failure`, `SafeTensors.Failure`, `FileError`.
  public func export(to target: OutputFolder, keepsOptimizer: Bool) throws -> Export {
    guard URL(fileURLWithPath: path).standardizedFileURL != URL(fileURLWithPath: target.path).standardizedFileURL else {
      throw ModelFile.Failure(description: "\(path): a model cannot be exported to its own folder; choose another")
    }
    // A file of ours holds the numbers in the order of their hash.
    try ModelFile.read(model).requireWeights(try WeightsHash.sha256(SafeTensors.numbers(of: weights)), from: weights)
    if hasOptimizer { try SafeTensors.check(optimizer) }
    let copied = ModelFolder(target.path)
    let weightsBytes = try Self.copy(weights, to: copied.weights)
    var optimizerBytes = 0
    if hasOptimizer {
      optimizerBytes = try keepsOptimizer ? Self.copy(optimizer, to: copied.optimizer) : Self.bytes(of: optimizer)
    }
    // Last, as without it the folder is no model: a disk that fills leaves nothing that looks whole.
    let schemaBytes = try Self.copy(model, to: copied.model)
    // A model that was exported here before may have left a state that belongs to other weights.
    if !(keepsOptimizer && hasOptimizer) { try? FileManager.default.removeItem(at: copied.optimizer) }
    return Export(
      schema: schemaBytes, weights: weightsBytes, optimizer: optimizerBytes, keepsOptimizer: keepsOptimizer)
  }

  private static func copy(_ source: URL, to target: URL) throws -> Int {
    let contents = try mapped(source)
    var file = try AtomicFile(target.path)
    try file.write(contents)
    try file.commit()
    return contents.count
  }

  private static func bytes(of file: URL) throws -> Int { try mapped(file).count }

  private static func mapped(_ file: URL) throws -> Data {
    do { return try Data(contentsOf: file, options: .alwaysMapped) } catch {
      throw ModelFile.Failure(description: "\(file.path): cannot be read: \(error.localizedDescription)")
    }
  }
}
