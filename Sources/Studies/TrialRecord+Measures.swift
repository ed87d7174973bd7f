import Configuration
import Landscape
import Training

extension TrialRecord {
  /// The trial in numbers. A figure that the run does not have (no validation, target not reached, not finite) is left
  /// out; of a diverged run only its updates stay.
  ///
  /// - Parameter epochSeconds: what an epoch of this work takes in general, for what follows from it; nil for this trial's own.
  public func measures(
    cost: StudyConfiguration.Cost, target: StudyConfiguration.Target?, epochSeconds: Double? = nil
  ) -> [Measure: Double] {
    guard case .completed = run.finalOutcome else { return [.updates: Double(run.updates)] }
    var measures: [Measure: Double] = [.updates: Double(run.updates)]
    addSizes(to: &measures)
    if let calls {
      Self.add(calls, to: &measures)
    } else {
      addTimes(cost, epochSeconds: epochSeconds, to: &measures)
      addQuality(to: &measures)
      if let sharpness { Self.add(sharpness, to: &measures) }
      if let interpolation { Self.add(interpolation, to: &measures) }
      addNoise(to: &measures)
      addDistances(to: &measures)
      if let target { addTarget(target, cost, epochSeconds: epochSeconds, to: &measures) }
    }
    return measures.filter { $0.value.isFinite }
  }

  /// Whether no epoch was finished, so that an epoch's figures are scaled up from a part of one.
  public var isExtrapolated: Bool {
    !run.epochs.isEmpty && run.epochs.allSatisfy { $0.ledger.steps < run.stepsPerEpoch(like: $0) }
  }

  /// Where the run's training loss and accuracy come from.
  public var trainingSource: TrainingSource { run.finalTraining == nil ? .runningMean : .finalWeights }

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

  private static func add(_ sharpness: SharpnessFigures, to measures: inout [Measure: Double]) {
    let whole = sharpness.keskar.filter { $0.dimensions == nil }
    let subspace = sharpness.keskar.filter { $0.dimensions != nil }
    measures[.sharpness] = whole.first?.phi
    measures[.subspaceSharpness] = subspace.first?.phi
    measures[.sharpnessAtLastEpsilon] = whole.count > 1 ? whole.last?.phi : nil
    measures[.subspaceSharpnessAtLastEpsilon] = subspace.count > 1 ? subspace.last?.phi : nil
    measures[.adaptiveSharpness] = sharpness.adaptive?.growth
    measures[.topEigenvalue] = sharpness.topEigenvalue?.value
  }

  private static func add(_ interpolation: InterpolationFigures, to measures: inout [Measure: Double]) {
    measures[.lossBarrier] = interpolation.barrier
    measures[.lossBeyondDifference] = interpolation.beyondDifference
  }

  private func addTimes(_ cost: StudyConfiguration.Cost, epochSeconds: Double?, to measures: inout [Measure: Double]) {
    let own = TimedEpochs([self], bound: .infinity)?.estimates(cost: cost) ?? [:]
    measures.merge(own.mapValues(\.value)) { $1 }
    let training = trainingSeconds(upTo: run.epochs.count, epochSeconds: epochSeconds)
    measures[.trainingSeconds] = training
    measures[.trainingCost] = cost.money(seconds: training, ranks: run.ranks)
    measures[.endToEndSeconds] = openSeconds.map { $0 + training }
  }

  /// Of its first epochs.
  /// - Parameter epochSeconds: what an epoch of this work takes in general; nil for what these took.
  private func trainingSeconds(upTo count: Int, epochSeconds: Double?) -> Double {
    let epochs = run.epochs[..<count]
    guard let epochSeconds else { return Self.seconds(of: epochs) }
    guard run.changesBatch else {
      return epochSeconds * epochs.reduce(0) { $0 + Double($1.ledger.steps) } / Double(max(1, run.stepsPerEpoch))
    }
    // Epochs of different batches differ in what they take: they share the whole run's time as they did here.
    let own = Self.seconds(of: run.epochs[...])
    let whole =
      epochSeconds * run.epochs.reduce(0) { $0 + Double($1.ledger.steps) / Double(run.stepsPerEpoch(like: $1)) }
    return own > 0 ? whole * Self.seconds(of: epochs) / own : 0
  }

  private static func seconds(of epochs: ArraySlice<EpochRecord>) -> Double { epochs.reduce(0) { $0 + $1.seconds } }

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
    if run.configuration.contrastive != nil { return addContrast(to: &measures) }
    if let training, let validation { measures[.generalizationGap] = training.accuracy - validation.accuracy }
  }

  /// Training's accuracy is of finding the positive, validation's of labels: there is no gap between them.
  private func addContrast(to measures: inout [Measure: Double]) {
    measures[.contrastiveLoss] = run.finalEpoch?.training.known?.loss
    measures[.neighbourAccuracy] = run.finalValidation?.known?.accuracy
    measures[.probeAccuracy] = run.probe?.accuracy
    measures[.probeTestAccuracy] = run.probe?.testAccuracy
  }

  private func addTarget(
    _ target: StudyConfiguration.Target, _ cost: StudyConfiguration.Cost, epochSeconds: Double?,
    to measures: inout [Measure: Double]
  ) {
    let reached = run.epochs.firstIndex { $0.validation?.known.map(target.isReached(by:)) ?? false }
    guard let reached else { return }
    let seconds = trainingSeconds(upTo: reached + 1, epochSeconds: epochSeconds)
    measures[.updatesToTarget] = Double(run.epochs[reached].updates)
    measures[.secondsToTarget] = seconds
    measures[.costToTarget] = cost.money(seconds: seconds, ranks: run.ranks)
  }
}

/// Where training loss and accuracy come from, and with them the generalisation gap.
public enum TrainingSource: String, Encodable, Sendable {
  /// The final weights on the whole training set: comparable with validation.
  case finalWeights
  /// The last epoch's running mean, each sample seen with the weights of its step: lags behind validation.
  case runningMean
}
