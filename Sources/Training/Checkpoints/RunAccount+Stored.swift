import Configuration
import Layers
import Measurement
import Statistics

/// An account as a checkpoint holds it: all that the record of the whole run needs besides what is still to come.
private struct StoredAccount: Encodable {
  var startedAt: String?
  var resumptions: [Resumption]
  var losses: [RankLoss]?
  /// Nil where all steps were made.
  var skippedSteps: [SkippedStep]?
  /// Nil where none was found.
  var warnings: [LearningWarning]?
  var epochs: [EpochRecord]
  var figures: [[[Double]]]
  var isStopped: Bool
  var startingNoise: [Double]
  var travelled: WeightDistances
  var epoch: Epoch

  /// The epoch that is not at its end.
  struct Epoch: Encodable {
    var loss, correct, weight: Double
    var seen: Int
    var samples: Int
    var figures: [[[Double]]]
    /// Of each interval, `Energy.figures`.
    var energies: [[Double]]
    var noise: [Double]
    var updateNorms: [Double]
    var gradientNorms: [Double]
  }

  init(_ account: RunAccount) {
    (startedAt, resumptions) = (account.startedAt, account.resumptions)
    losses = account.losses.isEmpty ? nil : account.losses
    skippedSteps = account.skippedSteps.isEmpty ? nil : account.skippedSteps
    warnings = account.warnings.isEmpty ? nil : account.warnings
    (epochs, figures, isStopped) = (account.epochs, account.figures, account.isStopped)
    (startingNoise, travelled) = (account.startingNoise.figures, account.travelled)
    epoch = Epoch(account.epoch)
  }
}

extension StoredAccount.Epoch {
  fileprivate init(_ epoch: EpochSoFar) {
    self.init(
      loss: epoch.sums.loss, correct: epoch.sums.correct, weight: epoch.sums.weight, seen: epoch.sums.samples,
      samples: epoch.samples, figures: epoch.figures, energies: epoch.energies.map(Energy.figures),
      noise: epoch.noise.figures, updateNorms: epoch.norms.map(\.update), gradientNorms: epoch.norms.map(\.gradient))
  }
}

private enum AccountKey: String, SectionKey {
  case startedAt, resumptions, losses, skippedSteps, warnings, epochs, figures, isStopped, startingNoise, travelled,
    epoch
}
private enum EpochKey: String, SectionKey {
  case loss, correct, weight, seen, samples, figures, energies, noise, updateNorms, gradientNorms
}

extension RunAccount: Encodable {
  func encode(to encoder: any Encoder) throws { try StoredAccount(self).encode(to: encoder) }

  /// As a checkpoint holds it. Throws `ConfigurationError`.
  ///
  /// - Parameter configuration: of the run, by which evaluations have moved its rates.
  init(_ node: ConfigurationNode, _ configuration: RunConfiguration) throws {
    let section = try Section<AccountKey>(node)
    self.init()
    startedAt = try section.optional(.startedAt)?.anyText()
    resumptions = try section.required(.resumptions).values(Resumption.init)
    losses = try section.optional(.losses)?.values(RankLoss.init) ?? []
    skippedSteps = try section.optional(.skippedSteps)?.values(SkippedStep.init) ?? []
    warnings = try section.optional(.warnings)?.values(LearningWarning.init) ?? []
    epochs = try section.required(.epochs).values { try EpochRecord($0) }
    figures = try section.required(.figures).intervals()
    isStopped = try section.required(.isStopped).flag()
    startingNoise = try section.required(.startingNoise).noise()
    travelled = try WeightDistances(try section.required(.travelled))
    epoch = try EpochSoFar(try section.required(.epoch))
    plateaus = Plateaus(EvaluationCourse(epochs, by: configuration.evaluation.by), configuration)
  }
}

extension EpochSoFar {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<EpochKey>(node)
    func figure(_ key: EpochKey) throws -> Double { try section.required(key).figure() }
    func count(_ key: EpochKey) throws -> Int { try section.required(key).whole(in: ConfigurationNode.amounts) }
    self.init()
    (sums.loss, sums.correct, sums.weight) = (try figure(.loss), try figure(.correct), try figure(.weight))
    (sums.samples, samples) = (try count(.seen), try count(.samples))
    figures = try section.required(.figures).intervals()
    energies = try section.required(.energies).values { try Energy(figures: $0.figures(Energy.width)[...]) }
    noise = try section.required(.noise).noise()
    let updates = try section.required(.updateNorms).figures()
    let gradients = try section.required(.gradientNorms).figures(updates.count)
    norms = zip(updates, gradients).map { StepNorms.Step(update: $0, gradient: $1) }
  }
}

extension ConfigurationNode {
  /// - Parameter count: nil for any.
  fileprivate func figures(_ count: Int? = nil) throws -> [Double] {
    let figures = try values { try $0.figure() }
    guard let count, count != figures.count else { return figures }
    throw error("\(path) has \(figures.count) figures, not \(count)")
  }

  /// For each interval, each rank's `Ledger.figures`.
  fileprivate func intervals() throws -> [[[Double]]] {
    let width = Ledger(steps: 0).figures.count
    return try values { try $0.values { try $0.figures(width) } }
  }

  fileprivate func noise() throws -> NoiseSums {
    let figures = try figures(NoiseSums().figures.count)
    guard let steps = Int(exactly: figures[0]), ConfigurationNode.amounts.contains(steps) else {
      throw error("\(path)[0] is \(figures[0]), but must be a whole number of steps")
    }
    return NoiseSums(figures: figures)
  }
}
