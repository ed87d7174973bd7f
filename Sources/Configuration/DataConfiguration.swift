/// Where a run's data lie, and what is made of them: `data`.
public struct DataConfiguration: Encodable, Equatable, Sendable {
  /// A folder with the four canonical IDX files (plain, .gz or .xz), with CIFAR-10's binary files, with `train.lockstep` and
  /// `test.lockstep`, or with shards or text of click data.
  /// Absolute, or relative to the run file's folder; absolute once loaded.
  public var path: String
  /// Used, and said, where `path` does not exist.
  public var fallback: String?
  /// Use only the first so many training samples.
  public var limit: Int?
  /// How pixels become floats; click data are normalised as their schema says.
  public var normalization: Normalization
  /// How many classes there are; labels are less. IDX files do not say: nil takes 10 for them. Native files do.
  public var classes: Int?

  /// Text of click data (CSV and the like): the schema file that says what its columns are. Nil for all else.
  public var schema: String?
  /// The split that a run is judged by, where the data has both.
  public var evaluateOn: EvaluationSplit
  /// Taken from the training set; nil takes none, and the run is judged by what the data hold out.
  public var validation: ValidationConfiguration?
  /// Which samples of class 0 a run learns from; nil takes all.
  public var negatives: NegativesConfiguration?
  /// Random changes of images, in training alone; nil leaves them as they are.
  public var augmentation: AugmentationConfiguration?

  /// The splits that data may hold out.
  public enum EvaluationSplit: String, Encodable, CaseIterable, Sendable { case validation, test }

  /// The scale of pixels as a model gets them.
  public enum Normalization: String, Encodable, CaseIterable, Sendable {
    /// Pixels / 255.
    case unit
    /// Mean 0 and standard deviation 1 over all pixels of the training set, in each channel.
    case standard
  }

  /// The defaults are those of a run file.
  public init(
    path: String, fallback: String? = nil, limit: Int? = nil, normalization: Normalization = .standard,
    classes: Int? = nil, schema: String? = nil, evaluateOn: EvaluationSplit = .test,
    validation: ValidationConfiguration? = nil, negatives: NegativesConfiguration? = nil,
    augmentation: AugmentationConfiguration? = nil
  ) {
    self.path = path
    self.fallback = fallback
    self.limit = limit
    self.normalization = normalization
    self.classes = classes
    self.schema = schema
    self.evaluateOn = evaluateOn
    self.validation = validation
    self.negatives = negatives
    self.augmentation = augmentation
  }
}

enum DataKey: String, SectionKey {
  case path, fallback, limit, normalization, classes, schema, evaluateOn, validation, negatives, augmentation
}

extension DataConfiguration {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<DataKey>(node)
    self.init(path: try section.required(.path).filePath())
    fallback = try section.optional(.fallback)?.filePath()
    limit = try section.optional(.limit)?.whole()
    normalization = try section[.normalization]?.choice() ?? normalization
    schema = try section.optional(.schema)?.filePath()
    evaluateOn = try section[.evaluateOn]?.choice() ?? evaluateOn
    validation = try section.optional(.validation).map(ValidationConfiguration.init)
    negatives = try section.optional(.negatives).map(NegativesConfiguration.init)
    augmentation = try section.optional(.augmentation).map(AugmentationConfiguration.init)
    classes = try section.optional(.classes)?.whole(in: 2...ConfigurationNode.widths.upperBound)
  }
}
