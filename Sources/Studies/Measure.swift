import Measurement
import Statistics

/// A figure of a trial. The raw value is its name in `results.csv` and `results.json`, and their order that
/// of its columns; `facts` says what each is.
///
/// Figures of an epoch are medians over the run's whole epochs, and, where ranks differ, medians over ranks.
public enum Measure: String, Encodable, CaseIterable, CodingKeyRepresentable, Sendable {
  case epochSeconds, stepSeconds, samplesPerSecond, epochLoadSeconds, epochForwardSeconds, epochBackwardSeconds,
    epochExchangeWaitSeconds, epochExchangeWireSeconds, epochUpdateSeconds, epochEvaluateSeconds,
    epochCheckpointSeconds, epochOtherSeconds, epochExchangeTotalSeconds, epochExchangeExposedSeconds,
    epochExchangedBytes, epochExchangedMessages, epochTableBytes, exchangedBytesPerSample, tableBytesPerSample,
    touchedRowsPerSample, communicationShare, epochCPUSeconds, epochJoules, peakMemoryBytes, modelBytes,
    modelAndOptimizerBytes,
    openSeconds, endToEndSeconds, epochCost, trainingSeconds, trainingCost, trainingLoss, trainingAccuracy,
    validationLoss, validationAccuracy, validationAUC, validationNormalizedEntropy, validationCalibration,
    testLoss, testAccuracy, testAUC, contrastiveLoss, neighbourAccuracy, probeAccuracy, probeTestAccuracy,
    generalizationGap, sharpness, subspaceSharpness, sharpnessAtLastEpsilon, subspaceSharpnessAtLastEpsilon,
    adaptiveSharpness, topEigenvalue, lossBarrier, lossBeyondDifference,
    updates, updatesToTarget, secondsToTarget, costToTarget,
    noiseScale, noiseScaleAtStart, noiseScaleAtEnd, noiseScaleTables, weightDistance, distanceLogarithmSlope,
    distanceLogarithmRSquared, distancePowerExponent, distancePowerRSquared, distanceRootRSquared, updateNormMean,
    updateNormVariance, gradientNormTail,
    predictionCallSeconds,
    predictionCallCPUSeconds, trainingCallSeconds, trainingCallCPUSeconds

  /// An epoch's seconds of a phase.
  public init(_ phase: Phase) {
    self =
      switch phase {
      case .load: .epochLoadSeconds
      case .forward: .epochForwardSeconds
      case .backward: .epochBackwardSeconds
      case .exchangeWait: .epochExchangeWaitSeconds
      case .exchangeWire: .epochExchangeWireSeconds
      case .update: .epochUpdateSeconds
      case .evaluate: .epochEvaluateSeconds
      case .checkpoint: .epochCheckpointSeconds
      case .other: .epochOtherSeconds
      }
  }
}

extension Phase {
  /// The phases of training proper, in the order of a step.
  public static let ofTraining: [Phase] = [.load, .forward, .backward, .exchangeWait, .exchangeWire, .update, .other]
}

extension [Measure: Estimate] {
  /// Over trials; a measure that none of them has is left out.
  init(over trials: [[Measure: Double]], only: Set<Measure> = Set(Measure.allCases)) {
    self.init()
    for measure in only { self[measure] = Estimate(trials.compactMap { $0[measure] }) }
  }
}
