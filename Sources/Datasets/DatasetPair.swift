import Batches
import Configuration
import Foundation

/// The data that a run learns from, those that it is judged by, and those that are looked at only at the end.
public struct DatasetPair: Sendable {
  /// The samples that a run learns from.
  public let training: any Dataset
  /// The samples that a run is judged by after its epochs: the test set, where `evaluatedOn` says so.
  public let validation: any Dataset
  /// Held out to the end: nil where the run was judged by it, and where there is none.
  public let test: (any Dataset)?
  /// The split that `validation` is.
  public let evaluatedOn: EvaluatedOn
  /// The folder that was read.
  public let path: String
  /// True where `data.path` does not exist and `data.fallback` was read: to be said to the user.
  public let usedFallback: Bool
  /// To be said to the user: that the data lack the split which `data.evaluateOn` names and have the other, that files were
  /// not read, that ids are unknown.
  public let notices: [String]

  /// - Parameters:
  ///   - training: what a run learns from.
  ///   - validation: what it is judged by.
  public init(
    training: any Dataset, validation: any Dataset, test: (any Dataset)? = nil, evaluatedOn: EvaluatedOn = .test,
    path: String, usedFallback: Bool = false, notices: [String] = []
  ) {
    self.training = training
    self.validation = validation
    self.test = test
    self.evaluatedOn = evaluatedOn
    self.path = path
    self.usedFallback = usedFallback
    self.notices = notices
  }

  /// Fingerprint of both data sets, for people and comparisons; nil where one of them is not stored anywhere.
  public var checksum: String? {
    guard let training = training.checksum, let validation = validation.checksum else { return nil }
    return [training, validation].map { String(format: "%08x", $0) }.joined(separator: "-")
  }

  /// Opens and verifies a folder in the format that it holds, takes a validation set from the training set and leaves
  /// negatives out of that where it is asked for.
  ///
  /// - Throws: `DatasetError`.
  public static func open(_ configuration: DataConfiguration) throws -> DatasetPair {
    let stored = try openStored(configuration)
    if let augmentation = configuration.augmentation { try stored.training.requireAugmentable(augmentation) }
    return try stored.takingValidation(configuration.validation, configuration).samplingNegatives(
      configuration.negatives)
  }

  /// As the files have it.
  private static func openStored(_ configuration: DataConfiguration) throws -> DatasetPair {
    let (path, usedFallback) = try folder(configuration)
    if configuration.schema != nil { return try text(configuration, path, usedFallback: usedFallback) }
    let name = DatasetFolder.name(of: path)
    switch try DatasetFolder.open(path) {
    case .idx(let pair):
      let source = try ImageSource(pair, classes: configuration.classes ?? DatasetFolder.usualClasses)
      return DatasetPair(name, source, configuration, path: path, usedFallback: usedFallback)
    case .cifar(let folder):
      let source = try ImageSource(folder, classes: configuration.classes ?? DatasetFolder.usualClasses)
      return DatasetPair(name, source, configuration, path: path, usedFallback: usedFallback)
    case .imageFolder:
      throw DatasetError(
        file: path,
        "a folder of PNG and JPEG files, which are decoded once: convert it first with lockstep convert \(path) OUTPUT, and "
          + "set data.path to OUTPUT")
    case .native(let train, let test):
      if let classes = configuration.classes, classes != train.schema.classes {
        throw DatasetError(
          file: train.path,
          "the file has \(train.schema.classes) classes, but data.classes is \(classes): remove the key")
      }
      return DatasetPair(
        train.schema.name, train.images, test.images, train.schema.statistics, configuration, path: path,
        usedFallback: usedFallback)
    case .clicks(let splits):
      return try clicks(path, splits, configuration, usedFallback: usedFallback)
    }
  }

  private static func text(
    _ configuration: DataConfiguration, _ path: String, usedFallback: Bool
  ) throws -> DatasetPair {
    var found = configuration
    found.path = path
    let pair = try ClickText.open(found)
    return DatasetPair(
      training: pair.training, validation: pair.validation, test: pair.test, evaluatedOn: pair.evaluatedOn, path: path,
      usedFallback: usedFallback, notices: pair.notices)
  }

  private static func clicks(
    _ path: String, _ splits: [ClickSplit], _ configuration: DataConfiguration, usedFallback: Bool
  ) throws -> DatasetPair {
    if let classes = configuration.classes, classes != 2 {
      throw DatasetError(
        file: path, "click data has 2 classes, but data.classes is \(classes): remove the key")
    }
    let asked = ClickSplit(configuration.evaluateOn)
    guard splits.contains(.train), let held = splits.contains(asked) ? asked : splits.first(where: { $0 != .train })
    else {
      throw DatasetError(
        file: path,
        "click data with only \(splits.map(\.rawValue).joined(separator: " and ")): a run needs train, and validation or "
          + "test")
    }
    let training = try ClickDataset.open(path, split: .train, limit: configuration.limit)
    let validation = try ClickDataset.open(path, split: held)
    let test = held == .validation && splits.contains(.test) ? try ClickDataset.open(path, split: .test) : nil
    for other in [validation, test].compactMap({ $0 }) {
      try DatasetFolder.checkPair(training.shards.files[0], other.shards.files[0])
    }
    return DatasetPair(
      training: training, validation: validation, test: test, evaluatedOn: EvaluatedOn(held), path: path,
      usedFallback: usedFallback,
      notices: held == asked ? [] : [fallbackNotice(path, asked: asked, held: held)])
  }

  static func fallbackNotice(_ path: String, asked: ClickSplit, held: ClickSplit) -> String {
    "\(path) has no \(asked.rawValue) split, which data.evaluateOn asks for: evaluating on \(held.rawValue)"
  }

  private init(
    _ name: String, _ source: ImageSource, _ configuration: DataConfiguration, path: String, usedFallback: Bool
  ) {
    let statistics = PixelStatistics(source.train.pixels, channels: source.train.shape[2])
    self.init(
      name, source.train, source.test, statistics, configuration, path: path, usedFallback: usedFallback)
  }

  private init(
    _ name: String, _ train: LabelledImages, _ test: LabelledImages, _ statistics: PixelStatistics,
    _ configuration: DataConfiguration, path: String, usedFallback: Bool
  ) {
    let scale = PixelScale(configuration.normalization, statistics)
    self.init(
      training: ImageDataset(name: name, train, scale: scale, limit: configuration.limit),
      validation: ImageDataset(name: name, test, scale: scale), path: path, usedFallback: usedFallback,
      notices: configuration.evaluateOn == .test ? [] : [Self.fallbackNotice(path, asked: .validation, held: .test)])
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
    "set data.path to a folder with the four IDX files, with CIFAR-10's six binary files, with train.lockstep and "
    + "test.lockstep, or with shards of clicks"
}

extension ClickSplit {
  init(_ split: DataConfiguration.EvaluationSplit) {
    switch split {
    case .validation: self = .validation
    case .test: self = .test
    }
  }
}
