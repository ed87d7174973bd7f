import Buffers
import Files
import Foundation
import Layers

/// A saved model, opened for reading: the --output folder of `lockstep train` is one, and so is what `lockstep export`
/// writes. Each file that is read is held to the manifest, so that what is used is whole and of one save. In a folder
/// from before there were manifests, `model.json` says which weights are its own.
public struct SavedModel: Sendable {
  /// The folder, with `~` written out.
  public let path: String
  let manifest: Manifest?

  /// - Throws: `ConfigurationError` where the manifest is damaged.
  public init(_ path: String) throws {
    self.path = NSString(string: path).expandingTildeInPath
    manifest = try Manifest.read(in: self.path)
  }

  /// A file that lies there and that the manifest does not list belongs to something else.
  public func has(_ file: SavedFile) -> Bool {
    if let manifest, manifest.file(file) == nil { return false }
    return FileManager.default.fileExists(atPath: url(file).path)
  }

  /// Where a file lies now.
  package func url(_ file: SavedFile) -> URL {
    guard let manifest else { return URL(fileURLWithPath: "\(path)/\(file.rawValue)") }
    return URL(fileURLWithPath: StagedFiles(in: path, id: manifest.id).current(file.rawValue))
  }

  /// - Throws: `ModelFile.Failure`.
  public func modelFile() throws -> ModelFile {
    _ = try data(of: .model)
    return try ModelFile.read(url(.model))
  }

  /// - Throws: `ConfigurationError`, `ModelFile.Failure`.
  public func record() throws -> RunRecord {
    _ = try data(of: .run)
    let record = try RunRecord.read(url(.run))
    guard manifest == nil, has(.model), let weights = try modelFile().weightsSHA256,
      weights != record.weightsSHA256
    else { return record }
    throw ModelFile.Failure(
      description: "\(url(.run).path): of another run than model.json beside it (weightsSHA256): train the model again")
  }

  /// Compares the model with the names and shapes that the file of weights gives, before anything is allocated for a
  /// model that it is not.
  /// - Throws: `SafeTensors.Failure`, `FileError`.
  func requireWeights(fit model: Model) throws {
    try SafeTensors.requireFit(
      SafeTensorsFile(url(.weights)),
      model.layout.listedEntries.map { ($0.parameter.name, $0.parameter.shape.dimensions) })
  }

  /// Fills the tensors from the weights, which are those that the manifest, or `description`, speaks of.
  ///
  /// - Returns: the SHA-256 of their numbers.
  /// - Throws: `SafeTensors.Failure`, `FileError`, `ModelFile.Failure`.
  func readWeights(into tensors: [(name: String, tensor: Tensor)], of description: ModelFile) throws -> String {
    try SafeTensors.read(url(.weights), into: tensors)
    let hash = WeightsHash.sha256(ordered(tensors, as: .weights))
    try requireWeights(hash, of: description)
    return hash
  }

  func requireWeights(_ hash: String, of description: ModelFile) throws {
    if let listed = manifest?.file(.weights) {
      guard hash == listed.sha256 else { throw mismatch(.weights) }
    } else if let wanted = description.weightsSHA256, hash != wanted {
      throw mismatch(.weights)
    }
  }

  /// Fills the optimisers' states, which are those of these weights.
  /// - Parameter grown: tables that have more rows than the file's.
  func readOptimizer(_ optimizer: OptimizerFile, of description: ModelFile, grown: GrownTables? = nil) throws {
    if let grown {
      try check(SafeTensorsFile(url(.optimizer)), .optimizer, description)
      return try optimizer.read(url(.optimizer), grown: grown)
    }
    try optimizer.read(url(.optimizer))
    guard let listed = manifest?.file(.optimizer) else { return }
    guard listed.metadata == optimizer.countedMetadata,
      WeightsHash.sha256(ordered(optimizer.arrays, as: .optimizer)) == listed.sha256
    else { throw mismatch(.optimizer) }
  }

  /// In the order of the hash; as they are where the manifest does not say.
  private func ordered(_ tensors: [(name: String, tensor: Tensor)], as file: SavedFile) -> [Tensor] {
    guard let listed = manifest?.file(file) else { return tensors.map(\.tensor) }
    let byName = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) })
    return listed.named.compactMap { byName[$0.name] }
  }

  /// A file's bytes, as the manifest has them.
  package func data(of file: SavedFile) throws -> Data {
    let path = url(file).path
    guard InputFile.kind(of: path) == .file, let data = FileManager.default.contents(atPath: path) else {
      throw ModelFile.Failure(
        description: "\(path): cannot be read; is this the --output folder of lockstep train or export?")
    }
    guard let listed = manifest?.file(file) else { return data }
    guard data.count == listed.bytes, WeightsHash.sha256(data) == listed.sha256 else { throw mismatch(file) }
    return data
  }

  func mismatch(_ file: SavedFile) -> ModelFile.Failure {
    guard manifest?.id == (try? Manifest.read(in: path))?.id else {
      return ModelFile.Failure(description: "\(path): was saved anew while it was read: start again")
    }
    let witness = manifest == nil ? "model.json" : StagedFiles.manifest
    let key = file == .weights ? " (weightsSHA256)" : ""
    let remedy =
      manifest == nil
      ? "remove that key of model.json where it was changed on purpose"
      : "remove \(StagedFiles.manifest)\(file == .weights ? ", and weightsSHA256 of model.json," : "") where it was changed "
        + "on purpose"
    return ModelFile.Failure(
      description: "\(url(file).path): not what \(witness) beside it says\(key): damaged, or of another run; train or "
        + "export the model again, or \(remedy)")
  }
}

extension SavedModel {
  /// Reads every file to its end.
  ///
  /// - Returns: of each file that belongs to the model, its name and bytes.
  /// - Throws: as the readers of the files.
  public func check() throws -> [(name: String, bytes: Int)] {
    let description = try modelFile()
    if has(.run) { _ = try record() }
    if has(.steps) { _ = try runSteps() }
    for file in [SavedFile.weights, .optimizer] where has(file) {
      try check(SafeTensorsFile(url(file)), file, description)
    }
    return try SavedFile.allCases.filter(has).map { ($0.rawValue, try bytes(of: $0)) }
  }

  /// Reads one to its end.
  func check(_ tensors: SafeTensorsFile, _ file: SavedFile, _ description: ModelFile) throws {
    let expected = try expected(tensors, file, description)
    var digest = SHA256Digest()
    for (name, _) in expected { try tensors.forEachPart(of: name) { digest.add($0) } }
    try require(digest.text(), tensors, file, description)
  }

  /// The tensors that a file must hold, in the order of their hash: of an optimiser whose state no manifest lists, those
  /// that it holds.
  func expected(_ tensors: SafeTensorsFile, _ file: SavedFile, _ description: ModelFile) throws -> [(
    name: String, shape: [Int]
  )] {
    var expected = manifest?.file(file)?.named
    if expected == nil, file == .weights {
      expected = try Model(description).layout.listedEntries.map { ($0.parameter.name, $0.parameter.shape.dimensions) }
    }
    let named = expected ?? tensors.header.names.map { ($0, tensors.header.entries[$0]!.shape) }
    try SafeTensors.requireFit(
      tensors, named, owner: "the model", remedy: "damaged, or of another run; train or export the model again")
    return named
  }

  /// - Parameter hash: of the numbers in the order of `expected`.
  func require(_ hash: String, _ tensors: SafeTensorsFile, _ file: SavedFile, _ description: ModelFile) throws {
    if file == .weights { return try requireWeights(hash, of: description) }
    guard let listed = manifest?.file(file) else { return }
    let metadata = OptimizerFile.counted(tensors.header.metadata)
    guard hash == listed.sha256, metadata == listed.metadata else { throw mismatch(file) }
  }

  func bytes(of file: SavedFile) throws -> Int {
    let path = url(file).path
    var facts = stat()
    guard stat(path, &facts) == 0 else { throw FileError("read", path) }
    return Int(facts.st_size)
  }
}
