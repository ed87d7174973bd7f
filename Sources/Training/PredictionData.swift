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

  /// Whether data at a path are text, to be encoded, and not a folder or a shard.
  public static func isText(_ path: String) -> Bool { ClickText.isText(NSString(string: path).expandingTildeInPath) }

  /// All rows of a text file, encoded as the model's own data were, whatever split a column says.
  ///
  /// - Parameters:
  ///   - file: the schema file that the model's data were converted with; nil: as the model keeps it.
  ///   - saved: where the model lies.
  ///   - use: of rows that are only scored the lines are checked when they are read, so that ranks share that.
  /// - Throws: `DatasetError`, `ConfigurationError`; `ModelFile.Failure` where the model learnt from other than clicks.
  public static func open(
    text path: String, schema file: String?, for model: ModelFile, in saved: SavedModel, to use: Use
  ) throws -> ClickTextDataset {
    guard let fitted = model.schema else {
      throw ModelFile.Failure(
        description: "\(path): a file of text is for models of click data; this one learnt from images: give a folder")
    }
    let path = NSString(string: path).expandingTildeInPath
    let schema = try schema(file, of: model, saved, for: path)
    switch use {
    case .evaluate: return try ClickText.open([path], schema: schema, fitted: fitted)
    case .score(let labels, let carried):
      return try ClickText.open(toScore: [path], schema: schema, fitted: fitted, labels: labels, carrying: carried)
    }
  }

  private static func schema(_ file: String?, of model: ModelFile, _ saved: SavedModel, for path: String) throws
    -> ClickSchemaFile
  {
    if let file { return try ClickSchemaFile.load(file: NSString(string: file).expandingTildeInPath) }
    let place = saved.url(.model).path
    guard let text = model.schemaFile else {
      throw ModelFile.Failure(
        description:
          "\(path): how this text is to be read is not in \(place), as the model's data were no text or were "
          + "converted by an earlier Lockstep: give their schema file with --schema")
    }
    return try ClickSchemaFile.load(text: text, file: "\(place) (schemaFile)")
  }

  /// The use of a text's rows.
  public enum Use: Equatable, Sendable {
    /// Labels are read, and predictions held against them.
    case evaluate
    /// No line is checked before it is read. The columns named are handed on as they are.
    case score(ClickLabels, carrying: [String])
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
