import Configuration
import Foundation
import Measurement
import Statistics

extension RunRecord {
  static let stored = StoredKind("a run record", version: 1, remedy: "put it back as it was, or train again")

  private enum Key: String, SectionKey {
    case version, command, startedAt, configuration, machine, ranks, threadsPerRank, dataset, model, stepsPerEpoch
    case updates, epochs, samplesPerSecond, stepSeconds, ledger, keptEpoch, stoppedEarly, finalTraining, finalTest,
      probe, overlap, bucketBytes
    case slowRank, bindings, clockError, moments, noiseAtStart, distances, skippedSteps, warnings, resumptions, losses,
      bfloat16
    case outcome, weightsSHA256
  }

  /// Reads a `run.json`.
  ///
  /// - Throws: `ConfigurationError`, with file, line and key.
  public static func read(_ file: URL) throws -> RunRecord {
    try stored.read(file: file.path, hint: "is this the --output folder of lockstep train?") {
      try RunRecord(section: Section<Key>($0))
    }
  }

  /// Reads the record of a file, or of a line of a study's results.
  ///
  /// - Throws: `ConfigurationError`.
  package init(_ node: ConfigurationNode) throws {
    self = try Self.stored.read(node) { try RunRecord(section: Section<Key>($0)) }
  }

  private init(section: Section<Key>) throws {
    let configuration = try RunConfiguration(try section.required(.configuration))
    self.init(
      version: try section.required(.version).whole(), command: try section.required(.command).anyText(),
      startedAt: try section.required(.startedAt).anyText(),
      configuration: configuration,
      machine: try MachineFacts(try section.required(.machine)), ranks: try section.required(.ranks).whole(),
      threadsPerRank: try section.required(.threadsPerRank).whole(),
      dataset: try DatasetFacts(try section.required(.dataset), configuration.data),
      model: try ModelFacts(try section.required(.model)),
      stepsPerEpoch: try section.required(.stepsPerEpoch).whole(in: 1...ConfigurationNode.samples.upperBound),
      updates: try section.required(.updates).whole(in: ConfigurationNode.amounts),
      epochs: try section.required(.epochs).values { try EpochRecord($0) },
      samplesPerSecond: try section.required(.samplesPerSecond).figure(.amount),
      stepSeconds: try section.optional(.stepSeconds)?.figure(.amount),
      ledger: try LedgerSummary(try section.required(.ledger)),
      keptEpoch: try section.optional(.keptEpoch)?.whole(),
      stoppedEarly: try section.optional(.stoppedEarly)?.flag(),
      finalTraining: try section.optional(.finalTraining).map(Quality.init),
      finalTest: try section.optional(.finalTest).map(Quality.init),
      probe: try section.optional(.probe).map(ProbeRecord.init),
      overlap: try section.optional(.overlap)?.choice(),
      bucketBytes: try section.optional(.bucketBytes)?.whole(),
      slowRank: try section.optional(.slowRank).map(SlowRank.init), bindings: try section.optional(.bindings)?.texts(),
      clockError: try section.optional(.clockError)?.figure(.amount),
      moments: try section.optional(.moments).map(RunMoments.init),
      outcome: try Outcome(try section.required(.outcome)),
      weightsSHA256: try section.required(.weightsSHA256).anyText())
    noiseAtStart = try section.optional(.noiseAtStart).map(GradientNoise.init)
    distances = try section.optional(.distances).map(WeightDistances.init)
    skippedSteps = try section.optional(.skippedSteps)?.values(SkippedStep.init)
    warnings = try section.optional(.warnings)?.values(LearningWarning.init)
    resumptions = try section.optional(.resumptions)?.values(Resumption.init)
    bfloat16 = try section.optional(.bfloat16).map(BFloat16Facts.init)
    losses = try section.optional(.losses)?.values(RankLoss.init)
    try checkEpochs(try section.required(.epochs))
  }

  /// Each epoch once, in order, and no more than were asked for.
  private func checkEpochs(_ node: ConfigurationNode) throws {
    guard epochs.count <= configuration.epochs else {
      throw node.error("\(node.path) has \(epochs.count) epochs of \(configuration.epochs)")
    }
    var before = 0
    for (index, epoch) in epochs.enumerated() {
      let place = "\(node.path)[\(index)]"
      guard epoch.epoch == index + 1 else {
        throw node.error("\(place).epoch is \(epoch.epoch), but must be \(index + 1)")
      }
      guard before...max(before, updates) ~= epoch.updates else {
        throw node.error("\(place).updates is \(epoch.updates), but must be from \(before) to \(updates)")
      }
      before = epoch.updates
    }
  }
}

private enum OutcomeKey: String, SectionKey { case completed, diverged, interrupted }
private enum DivergedKey: String, SectionKey { case step, rank, reason }
private enum InterruptedKey: String, SectionKey { case step }

extension RunRecord.Outcome {
  fileprivate init(_ node: ConfigurationNode) throws {
    let (outcome, value) = try node.oneOf(OutcomeKey.self)
    switch outcome {
    case .completed:
      guard try value.entries().isEmpty else { throw value.error("\(value.path) has no keys") }
      self = .completed
    case .diverged:
      let section = try Section<DivergedKey>(value)
      self = .diverged(
        step: try section.required(.step).whole(in: ConfigurationNode.amounts),
        rank: try section.required(.rank).whole(in: 0...Int(Int32.max)),
        reason: try section.required(.reason).anyText())
    case .interrupted:
      let section = try Section<InterruptedKey>(value)
      self = .interrupted(step: try section.required(.step).whole(in: ConfigurationNode.amounts))
    }
  }
}

private enum QualityKey: String, SectionKey { case loss, accuracy, areaUnderCurve, normalizedEntropy, calibration }

extension Quality {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<QualityKey>(node)
    let share = NumberRule.range(0...1)
    self.init(loss: try section.required(.loss).figure(), accuracy: try section.required(.accuracy).figure(share))
    areaUnderCurve = try section.optional(.areaUnderCurve)?.figure(share)
    normalizedEntropy = try section.optional(.normalizedEntropy)?.figure()
    calibration = try section.optional(.calibration)?.figure()
  }
}

private enum EpochKey: String, SectionKey {
  case epoch, updates, seconds, samplesPerSecond, learningRate, training, validation, weightDistance, ledger
  case stepTimes, moments, globalBatch, energy, trustRatios, ascentSeconds, noise, norms
}

extension EpochRecord {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<EpochKey>(node)
    self.init(
      epoch: try section.required(.epoch).whole(),
      updates: try section.required(.updates).whole(in: ConfigurationNode.amounts),
      seconds: try section.required(.seconds).figure(.amount),
      samplesPerSecond: try section.required(.samplesPerSecond).figure(.amount),
      learningRate: try section.required(.learningRate).figure(.notNegative),
      training: try Quality(try section.required(.training)),
      validation: try section.optional(.validation).map(Quality.init),
      weightDistance: try section.required(.weightDistance).figure(.notNegative),
      ledger: try LedgerSummary(try section.required(.ledger)))
    stepTimes = try section.optional(.stepTimes).map(StepTimes.init)
    moments = try section.optional(.moments).map(EpochMoments.init)
    globalBatch = try section.optional(.globalBatch)?.whole()
    energy = try section.optional(.energy).map(Energy.init)
    trustRatios = try section.optional(.trustRatios).map(Spread.ofFigures)
    ascentSeconds = try section.optional(.ascentSeconds)?.figure(.amount)
    noise = try section.optional(.noise).map(GradientNoise.init)
    norms = try section.optional(.norms).map(StepNorms.init)
  }
}

private enum StepTimesKey: String, SectionKey { case median, percentile95, percentile99, maximum }

extension StepTimes {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<StepTimesKey>(node)
    func seconds(_ key: StepTimesKey) throws -> Double { try section.required(key).number(.amount) }
    self.init(
      median: try seconds(.median), percentile95: try seconds(.percentile95), percentile99: try seconds(.percentile99),
      maximum: try seconds(.maximum))
  }
}
