import Batches

/// Signs that a run learns nothing: looked for in each evaluation, by figures that it counts on its way.
extension Trainer {
  /// Updates before which predictions and units say little of what a run learns.
  private static let leastUpdates = 20

  /// To be filled by an evaluation; nil where a model has no predictions.
  package var learningSigns: LearningSigns? {
    model.representation == nil
      ? LearningSigns(crew.network, classes: data.training.classes, hasBinaryScores: hasBinaryScores) : nil
  }

  /// Adds what is new to the account. Collective.
  ///
  /// - Parameters:
  ///   - signs: of the evaluation after a step; nil where there was none.
  ///   - epoch: the record of it.
  func findWarnings(_ signs: LearningSigns?, after step: StepPlan, _ epoch: EpochRecord) throws {
    crew.endEpoch(step)
    let isEarly = updates < experiment.batches.steps(beforeEpoch: 1)
    guard let signs, let quality = epoch.validation, quality.loss.isFinite, !isEarly else { return }
    let said = Set(state.account.warnings.map(\.kind))
    let found = signs.findings(quality, split: evaluatedOn.rawValue, trained: try crew.classesOfAll())
    for kind in LearningWarning.Kind.allCases where !said.contains(kind) {
      guard let words = found[kind], kind == .missingClasses || updates >= Self.leastUpdates else { continue }
      state.account.warnings.append(LearningWarning(kind: kind, epoch: epoch.epoch, words: words))
    }
  }

  /// Those that an epoch's evaluation has found, for the user.
  func report(_ epoch: EpochRecord, _ report: (TrainingEvent) -> Void) {
    guard crew.rank == 0 else { return }
    report(.epoch(epoch))
    for warning in state.account.warnings where warning.epoch == epoch.epoch {
      report(.notice("after epoch \(epoch.epoch): \(warning.words)"))
    }
  }
}

/// The classes of the samples that a rank has trained on.
struct ClassesMet {
  /// By class; of no interest any more once `isWhole`.
  fileprivate var isMet: [Bool]
  /// Whether the ranks have met all samples of an epoch.
  fileprivate var isWhole = false

  init(classes: Int) { isMet = Array(repeating: false, count: classes) }

  mutating func note(_ labels: UnsafeBufferPointer<Int32>) {
    guard !isWhole else { return }
    for label in labels { isMet[Int(label)] = true }
  }
}

extension Crew {
  /// - Parameter step: the last that was made of an epoch.
  fileprivate func endEpoch(_ step: StepPlan) {
    let first = experiment.batches.steps(beforeEpoch: step.epoch)
    if step.isLastOfEpoch, updatesBefore <= first { classesMet.isWhole = true }
  }

  /// The classes that all ranks have met; nil where they have not met all samples. Collective.
  fileprivate func classesOfAll() throws -> [Bool]? {
    guard classesMet.isWhole else { return nil }
    var flags = classesMet.isMet.map { Float($0 ? 1 : 0) }
    try communicator.allReduce(inPlace: flags.mutableSpan, .maximum)
    return flags.map { $0 > 0 }
  }
}
