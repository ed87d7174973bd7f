import Datasets

extension Trainer {
  /// The split that the figures after an epoch are measured on.
  public var evaluatedOn: EvaluatedOn { data.evaluatedOn }

  /// The final weights on the test set, looked at this once: nil where the run was judged by the test set, and where it did
  /// not come to its end. Collective.
  func finalTest() throws -> Quality? {
    guard state.account.outcome == .completed, let test = data.test else { return nil }
    return try evaluateUnlessAsked(test)
  }

  /// What can be read off the final weights' representations, where samples were contrasted; nil elsewhere, and where the run
  /// did not come to its end. Collective.
  func finalProbe() throws -> ProbeRecord? {
    guard state.account.outcome == .completed else { return nil }
    do { return try crew.probeRecord() } catch is Interruption.Asked {
      state.account.outcome = .interrupted(step: updates)
      return nil
    }
  }
}
