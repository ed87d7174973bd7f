import Configuration
import Measurement
import Statistics
import Training

extension TrialRecord {
  /// The trial in numbers. A figure that the run does not have (no validation, target not reached, not finite) is left
  /// out; of a diverged run only its updates stay.
  public func measures(
    cost: StudyConfiguration.Cost, target: StudyConfiguration.Target?
  ) -> [Measure: Double] {
    guard case .completed = run.finalOutcome else { return [.updates: Double(run.updates)] }
    var measures: [Measure: Double] = [.updates: Double(run.updates)]
    addSizes(to: &measures)
    if let calls {
      Self.add(calls, to: &measures)
    } else {
      addTimes(to: &measures)
      addCosts(cost, to: &measures)
      addQuality(to: &measures)
      if let target { addTarget(target, cost, to: &measures) }
    }
    return measures.filter { $0.value.isFinite }
  }

  /// Whether no epoch was finished, so that an epoch's figures are scaled up from a part of one.
  public var isExtrapolated: Bool { !run.epochs.isEmpty && wholeEpochs.isEmpty }

  /// Where the run's training loss and accuracy come from.
  public var trainingSource: TrainingSource { run.finalTraining == nil ? .runningMean : .finalWeights }

  private var wholeEpochs: [EpochRecord] { run.epochs.filter { $0.ledger.steps >= run.stepsPerEpoch } }

  private func addSizes(to measures: inout [Measure: Double]) {
    measures[.peakMemoryBytes] = run.ledger.peakMemoryBytes.maximum
    measures[.openSeconds] = openSeconds
    guard let modelSize else { return }
    measures[.modelBytes] = Double(modelSize.weights)
    measures[.modelAndOptimizerBytes] = Double(modelSize.weights) + Double(modelSize.optimizerState)
  }

  private static func add(_ calls: CallTiming, to measures: inout [Measure: Double]) {
    measures[.predictionCallSeconds] = calls.prediction?.medianSeconds
    measures[.predictionCallCPUSeconds] = calls.prediction?.cpuSeconds
    measures[.trainingCallSeconds] = calls.training?.medianSeconds
    measures[.trainingCallCPUSeconds] = calls.training?.cpuSeconds
  }

  private func addTimes(to measures: inout [Measure: Double]) {
    measures[.stepSeconds] = run.stepSeconds
    let training = run.epochs.reduce(0) { $0 + $1.seconds }
    measures[.trainingSeconds] = training
    measures[.endToEndSeconds] = openSeconds.map { $0 + training }
    measures[.epochSeconds] = perEpoch(\.seconds)
    let throughput = run.epochs.map(\.samplesPerSecond)
    measures[.samplesPerSecond] =
      run.samplesPerSecond > 0 || throughput.isEmpty ? run.samplesPerSecond : Spread(throughput).median
    for phase in Phase.allCases { measures[Measure(phase)] = perEpoch { $0.ledger[phase].median } }
    measures[.epochExchangeTotalSeconds] = perEpoch(\.ledger.exchangeTotal.median)
    measures[.epochExchangeExposedSeconds] = perEpoch(\.ledger.exchangeExposed.median)
    measures[.epochExchangedBytes] = perEpoch { Double($0.ledger.exchangedBytes) }
    addTableTraffic(to: &measures)
    measures[.epochExchangedMessages] = perEpoch { Double($0.ledger.exchangedMessages) }
    measures[.epochCPUSeconds] = perEpoch { $0.ledger.cpuSeconds.median * Double(run.ranks) }
    measures[.communicationShare] = perEpoch(scaled: false) {
      $0.ledger.exchangeExposed.median / $0.ledger.trainingElapsed
    }
  }

  private func addTableTraffic(to measures: inout [Measure: Double]) {
    measures[.exchangedBytesPerSample] = perEpoch(scaled: false) {
      (Double($0.ledger.exchangedBytes) + $0.ledger.tableBytes) / Double(max(1, $0.ledger.samples))
    }
    guard run.epochs.contains(where: { $0.ledger.tables != nil }) else { return }
    measures[.epochTableBytes] = perEpoch(\.ledger.tableBytes)
    measures[.tableBytesPerSample] = perEpoch(scaled: false) {
      $0.ledger.tableBytes / Double(max(1, $0.ledger.samples))
    }
    measures[.touchedRowsPerSample] = perEpoch(scaled: false) {
      Double($0.ledger.tables?.mergedRows ?? 0) / Double(max(1, $0.ledger.samples))
    }
  }

  private func addCosts(_ cost: StudyConfiguration.Cost, to measures: inout [Measure: Double]) {
    measures[.epochCost] = measures[.epochSeconds].map { cost.money(seconds: $0, ranks: run.ranks) }
    measures[.trainingCost] = measures[.trainingSeconds].map { cost.money(seconds: $0, ranks: run.ranks) }
  }

  private func addQuality(to measures: inout [Measure: Double]) {
    let training = (run.finalTraining ?? run.finalEpoch?.training)?.known
    let validation = run.finalValidation?.known
    measures[.trainingLoss] = training?.loss
    measures[.trainingAccuracy] = training?.accuracy
    measures[.validationLoss] = validation?.loss
    measures[.validationAccuracy] = validation?.accuracy
    measures[.validationAUC] = validation?.areaUnderCurve
    measures[.validationNormalizedEntropy] = validation?.normalizedEntropy
    measures[.validationCalibration] = validation?.calibration
    let test = run.finalTest?.known
    measures[.testLoss] = test?.loss
    measures[.testAccuracy] = test?.accuracy
    measures[.testAUC] = test?.areaUnderCurve
    if let training, let validation { measures[.generalizationGap] = training.accuracy - validation.accuracy }
  }

  private func addTarget(
    _ target: StudyConfiguration.Target, _ cost: StudyConfiguration.Cost, to measures: inout [Measure: Double]
  ) {
    let reached = run.epochs.firstIndex { $0.validation?.known.map(target.isReached(by:)) ?? false }
    guard let reached else { return }
    let seconds = run.epochs[...reached].reduce(0) { $0 + $1.seconds }
    measures[.updatesToTarget] = Double(run.epochs[reached].updates)
    measures[.secondsToTarget] = seconds
    measures[.costToTarget] = cost.money(seconds: seconds, ranks: run.ranks)
  }

  /// The median over whole epochs; where a run stopped inside its first epoch, that part scaled up by its steps.
  private func perEpoch(scaled: Bool = true, _ figure: (EpochRecord) -> Double) -> Double? {
    let whole = wholeEpochs
    if !whole.isEmpty { return Spread(whole.map(figure)).median }
    let parts = run.epochs.filter { $0.ledger.steps > 0 }
    guard !parts.isEmpty else { return nil }
    return Spread(
      parts.map { figure($0) * (scaled ? Double(run.stepsPerEpoch) / Double($0.ledger.steps) : 1) }
    ).median
  }
}

/// Where training loss and accuracy come from, and with them the generalisation gap.
public enum TrainingSource: String, Encodable, Sendable {
  /// The final weights on the whole training set: comparable with validation.
  case finalWeights
  /// The last epoch's running mean, each sample seen with the weights of its step: lags behind validation.
  case runningMean
}

extension LedgerSummary {
  /// That a rank hands over for row-sparse gradients: median over ranks.
  var tableBytes: Double { tables.map { $0.sparseBytes.median + Double($0.denseBytes) } ?? 0 }

  /// Without evaluation and checkpoints; medians over ranks.
  var trainingElapsed: Double {
    elapsed.median - self[Phase.evaluate].median - self[Phase.checkpoint].median
  }
}
