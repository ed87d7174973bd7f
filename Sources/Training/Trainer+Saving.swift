import Buffers
import Files
import Foundation

extension Trainer {
  /// Writes what a run leaves, all at once: the record, the weights, what they belong to, and where asked for the
  /// optimisers' state. Arenas are written as they lie in memory. On one rank.
  ///
  /// - Returns: the names of the files.
  /// - Throws: `FileError`. The folder then holds what it held before.
  public func save(_ record: RunRecord, in folder: ResultFolder, withOptimizer: Bool) throws -> [String] {
    try folder.renew(with: checkpoints?.lastPlace)
    return try ModelSave.save(in: folder.path) { save in
      try save.add(RecordFile.data(record), as: .run)
      try save.add(namedParameters, metadata: weightsMetadata(), sha256: record.weightsSHA256, as: .weights)
      try save.add(modelFile(weightsSHA256: record.weightsSHA256).encoded(), as: .model)
      if withOptimizer {
        let file = optimizerFile
        try save.add(file.arrays, metadata: file.metadata, counted: file.countedMetadata, as: .optimizer)
      }
      if let steps { try save.add(RecordFile.encoder().encode(steps), as: .steps) }
    }
  }

  /// To be asked before the first step: a disk that is too small is else noticed after the last one. On one rank.
  ///
  /// - Throws: `FileError`.
  public func requireRoom(in folder: ResultFolder, withOptimizer: Bool) throws {
    let arrays = namedParameters.count + (withOptimizer ? optimizerFile.arrays.count : 0)
    let weights = Self.headerBytes + namedParameters.reduce(0) { $0 + $1.tensor.count } * MemoryLayout<Float>.stride
    let state =
      withOptimizer
      ? Self.headerBytes + optimizerFile.arrays.reduce(0) { $0 + $1.tensor.count } * MemoryLayout<Float>.stride : 0
    let epochs = experiment.totalUpdates == 0 ? 0 : experiment.step(experiment.totalUpdates - 1).epoch + 1
    let texts =
      try modelFile(weightsSHA256: nil).encoded().count + (epochs + 3) * Self.epochBytes
      + crew.steps.mostRows(of: experiment.totalUpdates) * crew.ranks * Self.rowBytes
    let checkpoints = Int(Self.checkpointBytes(layout, configuration) * mostCheckpoints)
    try FreeSpace.require(weights + state + checkpoints + arrays * Self.arrayBytes + texts, at: folder.path)
    for (file, bytes) in [(SavedFile.weights, weights), (.optimizer, state)] {
      try FileSizeLimit.require(bytes, for: "\(folder.path)/\(file.rawValue)")
    }
  }

  /// So many full ones a run has at most: those that it keeps and the one that is being written. Where some have changed rows only, at most
  /// half of a full one: besides, a full one under them, and one under an older one that is kept beside them.
  private var mostCheckpoints: Double {
    let isFull = state.tableOptimizer?.movesTouchedRowsOnly != true
    return Double(configuration.checkpoint?.keep ?? 0) + (isFull ? 1 : 2.5)
  }

  /// About what texts take: the head of a safetensors file, an array in it and in the manifest, an epoch in `run.json`, a
  /// rank's row in `steps.json`.
  private static let (headerBytes, arrayBytes, epochBytes, rowBytes) = (2048, 512, 4096, 100)

  private func modelFile(weightsSHA256: String?) -> ModelFile {
    ModelFile(configuration, data.training, weightsSHA256: weightsSHA256)
  }
}
