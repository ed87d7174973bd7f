import Batches
import Configuration
import Datasets
import Foundation

/// The samples that a saved model is asked about.
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

  /// All rows of a text file, encoded as the model's own data were, whatever split a column says.
  ///
  /// - Parameters:
  ///   - schema: the schema file that the model's data were converted with.
  ///   - use: of rows that are only scored the lines are checked when they are read, so that ranks share that.
  /// - Throws: `DatasetError`, `ConfigurationError`; `ModelFile.Failure` where the model learnt from other than clicks.
  public static func open(text path: String, schema file: String, for model: ModelFile, to use: Use) throws
    -> ClickTextDataset
  {
    guard let fitted = model.schema else {
      throw ModelFile.Failure(
        description: "\(path): text and a schema are for models of click data; this one learnt from images")
    }
    let path = NSString(string: path).expandingTildeInPath
    let schema = try ClickSchemaFile.load(file: NSString(string: file).expandingTildeInPath)
    switch use {
    case .evaluate: return try ClickText.open([path], schema: schema, fitted: fitted)
    case .score(let unlabelled):
      return try ClickText.open(toScore: [path], schema: schema, fitted: fitted, unlabelled: unlabelled)
    }
  }

  /// The use of a text's rows.
  public enum Use: Equatable, Sendable {
    /// Labels are read, and predictions held against them.
    case evaluate
    /// Labels are not looked at. Where text has no header, `unlabelled` says that there are none.
    case score(unlabelled: Bool)
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
