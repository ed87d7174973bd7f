/// When quality is looked at, and what follows from it: the section `evaluation`.
public struct EvaluationConfiguration: Encodable, Equatable, Sendable {
  /// Evaluate on the validation set after every so many epochs, and always after the last.
  public var everyEpochs: Int
  /// Also evaluate the final weights on the whole training set (for the generalisation gap).
  public var trainingSet: Bool
  /// The weights that the run ends with; nil, as all that follows where the file says nothing: the last.
  public var keep: Keep?
  /// The figure that tells a better evaluation; nil: the loss.
  public var by: Figure?
  /// Evaluations in a row without a better one after which training ends early; nil: it goes on to its last epoch.
  public var patience: Int?

  /// The weights that a run ends with.
  public enum Keep: String, Encodable, CaseIterable, Sendable {
    /// Of the last update, or of the evaluation with the best figure.
    case last, best
  }

  /// What evaluations are compared by.
  public enum Figure: String, Encodable, CaseIterable, Sendable {
    /// Lower is better.
    case loss
    /// Higher is better; two classes with one score only.
    case auc
    /// Higher is better.
    case accuracy
  }

  /// With a run file's defaults.
  public init(everyEpochs: Int = 1, trainingSet: Bool = false) {
    self.everyEpochs = everyEpochs
    self.trainingSet = trainingSet
  }
}

enum EvaluationKey: String, SectionKey { case everyEpochs, trainingSet, keep, by, patience }

extension EvaluationConfiguration {
  init(_ section: Section<EvaluationKey>) throws {
    self.init()
    everyEpochs = try section[.everyEpochs]?.whole() ?? everyEpochs
    trainingSet = try section[.trainingSet]?.flag() ?? trainingSet
    keep = try section[.keep]?.choice()
    by = try section[.by]?.choice()
    patience = try section[.patience]?.whole()
  }
}
