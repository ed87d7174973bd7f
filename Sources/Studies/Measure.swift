import Measurement
import Statistics

/// What is known of a trial as one number. The raw value is its name in `results.csv` and `results.json`.
///
/// Figures of an epoch are medians over the run's whole epochs, and, where ranks differ, medians over ranks.
public enum Measure: String, Encodable, CaseIterable, CodingKeyRepresentable, Sendable {
  /// Training seconds of an epoch, without evaluation and checkpoints.
  case epochSeconds
  /// Median seconds of a full training step.
  case stepSeconds
  case samplesPerSecond
  case epochLoadSeconds
  case epochForwardSeconds
  case epochBackwardSeconds
  case epochExchangeWaitSeconds
  case epochExchangeWireSeconds
  case epochUpdateSeconds
  case epochEvaluateSeconds
  case epochCheckpointSeconds
  case epochOtherSeconds
  /// From the first bucket's start to the last one's completion, hidden behind compute or not.
  case epochExchangeTotalSeconds
  /// The part in which a rank could do nothing else.
  case epochExchangeExposedSeconds
  /// That one rank hands to all-reduce in an epoch.
  case epochExchangedBytes
  case epochExchangedMessages
  /// What one rank hands to all-gather and all-reduce for row-sparse gradients in an epoch, besides the above.
  case epochTableBytes
  /// Both kinds of bytes that a rank hands over ÷ samples of the epoch.
  case exchangedBytesPerSample
  /// The row-sparse part of it.
  case tableBytesPerSample
  /// Distinct table rows that a global batch touches ÷ its samples, mean over steps.
  case touchedRowsPerSample
  /// Exposed exchange as a fraction of the training time.
  case communicationShare
  /// Of all ranks, evaluation included: median over ranks × ranks.
  case epochCPUSeconds
  /// Of the rank that needs most.
  case peakMemoryBytes
  /// Of the weights.
  case modelBytes
  /// Of the weights and what the optimisers remember.
  case modelAndOptimizerBytes
  /// Opening the data, which is where text is parsed.
  case openSeconds
  /// Opening the data and the run's training.
  case endToEndSeconds
  /// Price per node-hour × whole nodes × hours of `epochSeconds`.
  case epochCost
  /// Training seconds of the whole run.
  case trainingSeconds
  case trainingCost
  case trainingLoss
  case trainingAccuracy
  case validationLoss
  case validationAccuracy
  /// Area under the receiver operating characteristic; two classes only, as the next two.
  case validationAUC
  /// Log loss ÷ that of predicting the positives' share.
  case validationNormalizedEntropy
  /// Mean prediction ÷ the positives' share.
  case validationCalibration
  /// Training accuracy − validation accuracy.
  case generalizationGap
  case updates
  /// To the end of the first epoch whose validation accuracy reached the target.
  case updatesToTarget
  /// Training seconds until then.
  case secondsToTarget
  case costToTarget
  /// Where calls are timed: median wall-clock of a call, input not counted, and mean CPU time of one.
  case predictionCallSeconds
  case predictionCallCPUSeconds
  case trainingCallSeconds
  case trainingCallCPUSeconds

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

  /// Those that depend on the execution alone: trials of other learning rates measure the same thing.
  public static let ofExecution: Set<Measure> = [
    .epochSeconds, .stepSeconds, .samplesPerSecond, .epochLoadSeconds, .epochForwardSeconds, .epochBackwardSeconds,
    .epochExchangeWaitSeconds, .epochExchangeWireSeconds, .epochUpdateSeconds, .epochEvaluateSeconds,
    .epochCheckpointSeconds, .epochOtherSeconds, .epochExchangeTotalSeconds, .epochExchangeExposedSeconds,
    .epochExchangedBytes, .epochExchangedMessages, .epochTableBytes, .exchangedBytesPerSample,
    .tableBytesPerSample, .touchedRowsPerSample, .modelBytes, .modelAndOptimizerBytes,
    .openSeconds, .endToEndSeconds, .communicationShare, .epochCPUSeconds, .peakMemoryBytes, .epochCost,
    .trainingSeconds, .trainingCost,
  ]
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
