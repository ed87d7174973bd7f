/// All that is said of a measure anywhere: the columns of `results.csv` and their documentation, what is better, how tables
/// and axes show it.
public struct MeasureFacts: Sendable {
  /// The unit of the numbers in `results.csv`.
  public enum Unit: String, Sendable {
    case seconds
    case bytes
    case joules
    /// Training samples for each second, over all ranks.
    case samplesPerSecond = "samples a second"
    case count
    /// Bytes for each training sample.
    case bytesPerSample = "bytes a sample"
    /// A count for each training sample.
    case perSample = "a sample"
    /// A part of a whole; shown to people in percent, a difference in points.
    case fraction
    /// Money in the currency that the study names.
    case money = "the study's currency"
    /// Nats of cross-entropy.
    case nats
    /// Nats for each unit of length of the weights, squared.
    case curvature = "nats a squared weight"
    /// One figure over another of its kind.
    case ratio
    /// Training samples.
    case samples
    /// In the unit of the weights.
    case weight = "a weight's"
    /// In the square of that.
    case squaredWeight = "a weight's, squared"
  }

  /// The part of a run that a measure depends on.
  public enum Kind: String, Sendable {
    /// Depends on the execution alone: trials of other seeds and learning rates measure the same thing.
    case execution
    /// The weights learnt, or the training's progress.
    case quality
    /// Depends on timed calls.
    case calls
  }

  /// The values that are better.
  public enum Direction: String, Sendable { case lower, higher }

  /// The part of a run that it depends on.
  public var kind: Kind
  /// In `results.csv`.
  public var unit: Unit
  /// The values that are better; nil where neither are, by themselves.
  public var better: Direction?
  /// In a sentence or two: what it is.
  public var about: String
  /// Over a column, with the unit.
  public var heading: String
  /// Over a figure.
  public var title: String
  /// Beside an axis, with the unit.
  public var axis: String
  /// From the unit to what is shown: 100 for percent.
  public var factor: Double
  /// Decimals of what is shown; nil for as many as three digits take.
  public var decimals: Int?

  init(
    _ kind: Kind, _ unit: Unit, _ better: Direction?, _ about: String, heading: String = "", title: String = "",
    axis: String = "", factor: Double = 1, decimals: Int? = nil
  ) {
    self.kind = kind
    self.unit = unit
    self.better = better
    self.about = about
    self.heading = heading
    self.title = title
    self.axis = axis
    self.factor = factor
    self.decimals = decimals
  }
}

extension Measure {
  /// The table of all measures. A further one is a case, its row here, and its value in `TrialRecord+Measures.swift`.
  public var facts: MeasureFacts {
    switch self {
    case .epochSeconds:
      .init(.execution, .seconds, .lower, "Training time of an epoch, without evaluation and checkpoints.")
    case .stepSeconds: .init(.execution, .seconds, .lower, "Median time of a full training step.")
    case .samplesPerSecond:
      .init(.execution, .samplesPerSecond, .higher, "Training samples over all ranks.", heading: "Samples/s")
    case .epochLoadSeconds: .phase("waiting for input that the background reader has not finished")
    case .epochForwardSeconds: .phase("the forward pass")
    case .epochBackwardSeconds: .phase("the backward pass")
    case .epochExchangeWaitSeconds: .phase("waiting in the exchange for a rank that has not arrived")
    case .epochExchangeWireSeconds: .phase("the exchange while bytes move and are summed")
    case .epochUpdateSeconds: .phase("the optimisers")
    case .epochEvaluateSeconds: .phase("evaluation")
    case .epochCheckpointSeconds: .phase("saving")
    case .epochOtherSeconds: .phase("everything else: planning, logging, bookkeeping")
    case .epochExchangeTotalSeconds:
      .init(
        .execution, .seconds, .lower,
        "Exchange in an epoch, from the first bucket's start to the last one's completion, hidden behind compute or not."
      )
    case .epochExchangeExposedSeconds:
      .init(.execution, .seconds, .lower, "The part of it in which a rank could do nothing else.")
    case .epochExchangedBytes: .init(.execution, .bytes, .lower, "What one rank hands to all-reduce in an epoch.")
    case .epochExchangedMessages: .init(.execution, .count, .lower, "All-reduce calls of one rank in an epoch.")
    case .epochTableBytes:
      .init(
        .execution, .bytes, .lower,
        "What one rank hands to all-gather and all-reduce for row-sparse gradients in an epoch, besides the above.")
    case .exchangedBytesPerSample:
      .init(.execution, .bytesPerSample, .lower, "Both kinds of bytes that a rank hands over ÷ samples of the epoch.")
    case .tableBytesPerSample: .init(.execution, .bytesPerSample, .lower, "The row-sparse part of it.")
    case .touchedRowsPerSample:
      .init(
        .execution, .perSample, nil, "Distinct table rows that a global batch touches ÷ its samples, mean over steps.")
    case .communicationShare:
      .init(
        .execution, .fraction, .lower, "Exposed exchange ÷ training time.", heading: "Exchange (%)", factor: 100,
        decimals: 1)
    case .epochCPUSeconds:
      .init(
        .execution, .seconds, .lower,
        "CPU time of all ranks in an epoch, evaluation included: median over ranks × ranks.",
        heading: "CPU-s/epoch")
    case .epochJoules:
      .init(
        .execution, .joules, .lower,
        "Energy of all processors of all machines while an epoch trained, whoever used them (RAPL); empty where some machine's "
          + "counters are not to be read.", heading: "J/epoch")
    case .peakMemoryBytes: .init(.execution, .bytes, .lower, "Largest resident set of the rank that needs most.")
    case .modelBytes: .init(.execution, .bytes, nil, "The weights.")
    case .modelAndOptimizerBytes: .init(.execution, .bytes, .lower, "The weights and what the optimisers remember.")
    case .openSeconds: .init(.execution, .seconds, .lower, "Opening the data, which is where text is parsed.")
    case .endToEndSeconds: .init(.execution, .seconds, .lower, "Opening the data and the run's training.")
    case .epochCost:
      .init(.execution, .money, .lower, "Price per node-hour × whole nodes × hours of `epochSeconds`.")
    case .trainingSeconds: .init(.execution, .seconds, .lower, "Training time of the whole run.")
    case .trainingCost: .init(.execution, .money, .lower, "As `epochCost`, of `trainingSeconds`.")
    case .trainingLoss: .loss("Mean loss on the training set.", heading: "Training loss", title: "Training loss")
    case .trainingAccuracy:
      .accuracy("Accuracy on the training set.", heading: "Training (%)", title: "Training accuracy")
    case .validationLoss:
      .loss("Mean loss on the validation set.", heading: "Validation loss", title: "Validation log loss")
    case .validationAccuracy:
      .accuracy("Accuracy on the validation set.", heading: "Validation (%)", title: "Validation accuracy")
    case .validationAUC:
      .init(
        .quality, .fraction, .higher,
        "Area under the receiver operating characteristic on the validation set; two classes only, as the next two.",
        heading: "AUC", title: "Validation AUC", axis: "Area under the curve", decimals: 4)
    case .validationNormalizedEntropy:
      .init(
        .quality, .ratio, .lower, "Log loss ÷ that of predicting the positives' share.", heading: "Normalised entropy",
        decimals: 4)
    case .validationCalibration:
      .init(.quality, .ratio, nil, "Mean prediction ÷ the positives' share.", heading: "Calibration", decimals: 3)
    case .testLoss:
      .loss(
        "Mean loss of the final weights on the test set, looked at this once, where the run was judged by a validation set.",
        heading: "Test loss", title: "Test log loss")
    case .testAccuracy: .accuracy("The same: accuracy.", heading: "Test (%)", title: "Test accuracy")
    case .testAUC:
      .init(
        .quality, .fraction, .higher, "The same: area under the receiver operating characteristic; two classes only.",
        heading: "Test AUC", title: "Test AUC", axis: "Area under the curve", decimals: 4)
    case .contrastiveLoss:
      .loss(
        "Contrastive runs only, as the next three: NT-Xent of the last epoch, a running mean over its steps; it grows with the "
          + "global batch, as there is more to choose from.", heading: "NT-Xent", title: "Contrastive loss")
    case .neighbourAccuracy:
      .accuracy(
        "Accuracy of the nearest neighbours' vote on the validation set (there `validationAccuracy` too).",
        heading: "Neighbours (%)", title: "Nearest-neighbour accuracy")
    case .probeAccuracy:
      .accuracy(
        "Accuracy of a linear probe of the final representations on the validation set.", heading: "Probe (%)",
        title: "Probe accuracy")
    case .probeTestAccuracy:
      .accuracy(
        "The same on the test set, where the run was judged by a validation set.", heading: "Probe, test (%)",
        title: "Probe test accuracy")
    case .generalizationGap:
      .init(
        .quality, .fraction, .lower, "Training accuracy − validation accuracy.", heading: "Gap (points)",
        title: "Generalisation gap", axis: "Training − validation accuracy (points)", factor: 100, decimals: 2)
    case .sharpness: .sharpness("Keskar's φ of the first ε, in the whole space, around the final weights.")
    case .subspaceSharpness: .sharpness("The same, in random directions.")
    case .sharpnessAtLastEpsilon: .sharpness("As `sharpness`, of the last of several ε.")
    case .subspaceSharpnessAtLastEpsilon: .sharpness("The same, in random directions.")
    case .adaptiveSharpness:
      .init(
        .quality, .nats, .lower,
        "Largest growth of the training loss around the final weights, each moving in its own size (ASAM).")
    case .topEigenvalue:
      .init(.quality, .curvature, .lower, "Largest eigenvalue of the training loss's Hessian at the final weights.")
    case .lossBarrier:
      .init(
        .quality, .nats, .lower,
        "Largest rise of the training loss above the straight line between its two ends, on the way from another trial's weights "
          + "to this one's (Frankle et al. 2020); 0 where there is none. Where the study has `interpolation`, as the next."
      )
    case .lossBeyondDifference:
      .init(
        .quality, .nats, nil,
        "Least difference of the training loss beyond this trial's weights and as far beyond the other's, f(1 + d) − f(−d), over d "
          + "up to 1: above 0 where it rises faster on this trial's side throughout.")
    case .updates: .init(.quality, .count, nil, "Updates of the run.", heading: "Updates")
    case .updatesToTarget:
      .init(
        .quality, .count, .lower, "Updates to the end of the first epoch whose validation figure reached the target.",
        heading: "Updates")
    case .secondsToTarget: .init(.quality, .seconds, .lower, "Training time until then.", heading: "Seconds")
    case .costToTarget: .init(.quality, .money, .lower, "As `epochCost`, of `secondsToTarget`.")
    case .noiseScale:
      .init(
        .quality, .samples, nil,
        "Gradient noise scale tr Σ ÷ ‖G‖² of the dense weights, median over epochs; one whose ‖G‖² cannot be told from 0 counts as "
          + "larger than all others. Where `measure.noiseScale` asks for it, as the next three.",
        heading: "Noise scale",
        title: "Gradient noise scale", axis: "Gradient noise scale (samples)")
    case .noiseScaleAtStart:
      .init(.quality, .samples, nil, "The same over the run's first 16 updates.", heading: "At the start")
    case .noiseScaleAtEnd: .init(.quality, .samples, nil, "The same of the last epoch.", heading: "Last epoch")
    case .noiseScaleTables:
      .init(.quality, .samples, nil, "As `noiseScale`, of the embedding tables.", heading: "Of tables")
    case .weightDistance:
      .init(
        .quality, .weight, nil, "‖w − w₀‖ of the final weights, tables left out.", heading: "‖w − w₀‖",
        title: "Distance from the start", axis: "‖w − w₀‖")
    case .distanceLogarithmSlope:
      .init(
        .quality, .weight, nil,
        "b of ‖w_t − w₀‖ = a + b log t, natural logarithm, over the updates from the end of the first epoch on whose rate is the "
          + "largest. Where `measure.distances` asks for it, as the rest of these.", heading: "b")
    case .distanceLogarithmRSquared: .init(.quality, .fraction, nil, "R² of that fit.", heading: "R² of a + b log t")
    case .distancePowerExponent:
      .init(.quality, .ratio, nil, "p of c · t^p over the same updates.", heading: "p")
    case .distancePowerRSquared:
      .init(.quality, .fraction, nil, "R² of that fit, of the distance itself.", heading: "R² of c t^p")
    case .distanceRootRSquared: .init(.quality, .fraction, nil, "R² of c · √t.", heading: "R² of c √t")
    case .updateNormMean:
      .init(.quality, .weight, nil, "Mean of ‖Δw‖ over the noted updates of the run.", heading: "Mean ‖Δw‖")
    case .updateNormVariance: .init(.quality, .squaredWeight, nil, "Its variance.", heading: "Variance of ‖Δw‖")
    case .gradientNormTail:
      .init(
        .quality, .ratio, nil, "99th percentile of the gradient's norm ÷ its median, of an epoch; median over epochs.",
        heading: "‖g‖, 99 % ÷ median")
    case .predictionCallSeconds: .call(.seconds, "Median time of a forward call, input not counted.")
    case .predictionCallCPUSeconds: .call(.seconds, "Mean CPU time of one.")
    case .trainingCallSeconds: .call(.seconds, "Median time of a training call, input not counted.")
    case .trainingCallCPUSeconds: .call(.seconds, "Mean CPU time of one.")
    }
  }

  /// In `results.csv`.
  ///
  /// - Parameter currency: the study's.
  public func column(currency: String) -> String { facts.unit == .money ? "\(rawValue)_\(currency)" : rawValue }

  /// Those that depend on the execution alone.
  public static let ofExecution = Set(allCases.filter { $0.facts.kind == .execution })
}

extension MeasureFacts {
  fileprivate static func phase(_ what: String) -> MeasureFacts {
    MeasureFacts(.execution, .seconds, .lower, "Time of an epoch in \(what).")
  }

  fileprivate static func loss(_ about: String, heading: String, title: String) -> MeasureFacts {
    MeasureFacts(
      .quality, .nats, .lower, about, heading: heading, title: title, axis: "Log loss (nats)", decimals: 4)
  }

  fileprivate static func accuracy(_ about: String, heading: String, title: String) -> MeasureFacts {
    MeasureFacts(
      .quality, .fraction, .higher, about, heading: heading, title: title, axis: "\(title) (%)", factor: 100,
      decimals: 2)
  }

  fileprivate static func sharpness(_ about: String) -> MeasureFacts {
    MeasureFacts(.quality, .ratio, .lower, about)
  }

  fileprivate static func call(_ unit: Unit, _ about: String) -> MeasureFacts {
    MeasureFacts(.calls, unit, .lower, about)
  }
}
