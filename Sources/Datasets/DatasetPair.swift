import Configuration
import Foundation

/// What a run learns from and what it is judged by.
public struct DatasetPair: Sendable {
  public let training: any Dataset
  public let validation: any Dataset
  /// The folder that was read.
  public let path: String
  /// True where `data.path` does not exist and `data.fallback` was read: to be said to the user.
  public let usedFallback: Bool

  public init(training: any Dataset, validation: any Dataset, path: String, usedFallback: Bool = false) {
    self.training = training
    self.validation = validation
    self.path = path
    self.usedFallback = usedFallback
  }

  /// Opens and verifies a folder in the format that it holds.
  ///
  /// - Throws: `DatasetError`.
  public static func open(_ configuration: DataConfiguration) throws -> DatasetPair {
    let (path, usedFallback) = try folder(configuration)
    let name = DatasetFolder.name(of: path)
    switch try DatasetFolder.open(path) {
    case .idx(let pair):
      let classes = configuration.classes ?? DatasetFolder.usualClasses
      let train = try IDX.pair(images: pair.train.images, labels: pair.train.labels, classes: classes)
      let test = try IDX.pair(images: pair.test.images, labels: pair.test.labels, classes: classes)
      return DatasetPair(
        name, train, test, PixelStatistics(train.pixels), configuration, path: path, usedFallback: usedFallback)
    case .native(let train, let test):
      if let classes = configuration.classes, classes != train.schema.classes {
        throw DatasetError(
          file: train.path,
          "the file has \(train.schema.classes) classes, but data.classes is \(classes): remove the key")
      }
      return DatasetPair(
        train.schema.name, train.images, test.images, train.schema.statistics, configuration, path: path,
        usedFallback: usedFallback)
    }
  }

  private init(
    _ name: String, _ train: LabelledImages, _ test: LabelledImages, _ statistics: PixelStatistics,
    _ configuration: DataConfiguration, path: String, usedFallback: Bool
  ) {
    let scale = PixelScale(configuration.normalization, statistics)
    self.init(
      training: ImageDataset(name: name, train, scale: scale, limit: configuration.limit),
      validation: ImageDataset(name: name, test, scale: scale), path: path, usedFallback: usedFallback)
  }

  private static func folder(_ configuration: DataConfiguration) throws -> (path: String, usedFallback: Bool) {
    let exists = { FileManager.default.fileExists(atPath: $0) }
    if exists(configuration.path) { return (configuration.path, false) }
    if let fallback = configuration.fallback {
      if exists(fallback) { return (fallback, true) }
      throw DatasetError("neither data.path, \(configuration.path), nor data.fallback, \(fallback), exists: \(remedy)")
    }
    throw DatasetError("data.path, \(configuration.path), does not exist: \(remedy)")
  }

  private static let remedy =
    "set data.path to a folder with the four IDX files or with train.lockstep and test.lockstep"
}
