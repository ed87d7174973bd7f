/// When quality is looked at: the section `evaluation`.
public struct EvaluationConfiguration: Encodable, Equatable, Sendable {
  /// Evaluate on the validation set after every so many epochs, and always after the last.
  public var everyEpochs: Int
  /// Also evaluate the final weights on the whole training set (for the generalisation gap).
  public var trainingSet: Bool

  /// With a run file's defaults.
  public init(everyEpochs: Int = 1, trainingSet: Bool = false) {
    self.everyEpochs = everyEpochs
    self.trainingSet = trainingSet
  }
}

enum EvaluationKey: String, SectionKey { case everyEpochs, trainingSet }

extension EvaluationConfiguration {
  init(_ section: Section<EvaluationKey>) throws {
    self.init()
    everyEpochs = try section[.everyEpochs]?.whole() ?? everyEpochs
    trainingSet = try section[.trainingSet]?.flag() ?? trainingSet
  }
}
