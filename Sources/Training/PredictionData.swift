import Configuration
import Datasets
import Foundation

/// What a saved model is asked about.
public enum PredictionData {
  /// One split of a folder of images or clicks, or one shard of clicks, whatever its split.
  ///
  /// - Throws: `DatasetError`; `ModelFile.Failure`, which names the first field that is not as the model's.
  public static func open(_ path: String, split: ClickSplit, for model: ModelFile) throws -> any Dataset {
    let path = NSString(string: path).expandingTildeInPath
    let data = try dataset(path, split, model)
    try model.requireFits(data, at: path)
    return data
  }

  private static func dataset(_ path: String, _ split: ClickSplit, _ model: ModelFile) throws -> any Dataset {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
    if exists, !isFolder.boolValue { return try ClickDataset.open(file: path) }
    if exists, try !ClickDataset.splits(in: path).isEmpty { return try ClickDataset.open(path, split: split) }
    var configuration = DataConfiguration(path: path, normalization: model.normalization)
    // Files that do not say how many classes there are need to be told; those that do are compared later.
    if model.idFields == nil { configuration.classes = model.classes }
    let pair = try DatasetPair.open(configuration)
    return split == .train ? pair.training : pair.validation
  }
}
