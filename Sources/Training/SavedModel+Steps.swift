import Measurement

extension SavedModel {
  /// The account of the run's steps. Throws `ConfigurationError`, `ModelFile.Failure`.
  public func runSteps() throws -> RunSteps {
    _ = try data(of: .steps)
    return try RunSteps.read(url(.steps))
  }

  /// A run and the account of its steps.
  ///
  /// - Throws: as the readers of the files; `WhatIf.Failure` where there is no such account.
  public func accountOfSteps() throws -> (RunRecord, RunSteps) {
    let run = try record()
    guard has(.steps) else {
      throw WhatIf.Failure(
        description: "\(path) holds no \(SavedFile.steps.rawValue), the account of the run's steps: train again "
          + "(every run of lockstep train keeps one now)")
    }
    return (run, try runSteps())
  }
}
