import Configuration

/// The split that a run is judged by while it trains, and that a study chooses by.
public enum EvaluatedOn: String, Encodable, CaseIterable, Sendable {
  /// A validation set that the data hold, or that is taken from the training set.
  case validation
  /// Where the data have no validation set and none is taken from the training set.
  case test
}

extension EvaluatedOn {
  /// The split that a run asks for; where the data do not have it, they are judged by the one that they have.
  public init(askedBy configuration: DataConfiguration) {
    self = configuration.validation != nil || configuration.evaluateOn == .validation ? .validation : .test
  }

  init(_ held: ClickSplit) { self = held == .test ? .test : .validation }
}
