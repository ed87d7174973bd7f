import Configuration
import MessagePassing
import Training

extension Trainer {
  /// How sharp the loss is around the present weights, as a study asks it of its trials: all by the same function. Collective.
  ///
  /// - Returns: nil on all ranks but the first.
  /// - Throws: `CollectiveError`, with `InsufficientMemory` where searching takes more than there is; `Interruption.Asked`, on
  ///   every rank, where one was asked to stop meanwhile.
  public func sharpness(_ study: StudySharpness) throws -> SharpnessFigures? {
    let objective = try objective(study.statistics, rows: study.batch, seed: study.seed)
    let function = WholeSetFunction(objective, at: parameters)
    let question = SharpnessQuestion(study, weights: function.count)
    let memory = try NodeMemory(objective.communicator)
    try objective.communicator.agree {
      try question.require(weights: function.count)
      try memory.require(question.memoryParts(weights: function.count), jobRanks: 1)
    }
    return try function.lead { try SharpnessFigures.measure($0, at: $0.point, question) }
  }

  /// The loss of the whole training set, on memory of its own. Collective.
  ///
  /// - Parameters: as of `ofWholeSet`.
  func objective(_ statistics: BatchNormStatistics, rows: Int, seed: UInt64) throws -> WholeSetObjective {
    let whole = try ofWholeSet(statistics: statistics, rows: rows, seed: seed)
    return WholeSetObjective(whole.crew, statistics: layout.hasStatistics ? statistics : .running)
  }
}
