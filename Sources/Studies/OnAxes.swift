import Configuration

/// A thing with a place on a study's axes. Every trial has a place on those that each study has; what speaks of fewer axes
/// has their plain values: no rule, one rank.
public protocol OnAxes {
  var values: AxisValues { get set }
}

extension OnAxes {
  /// Samples per update; of timed calls, examples of a call.
  public var globalBatch: Int {
    get { values.globalBatch ?? 0 }
    set { values.globalBatch = newValue }
  }

  /// The rule for the learning rate.
  public var scaling: LearningRateConfiguration.Scaling {
    get { values.scaling ?? .none }
    set { values.scaling = newValue }
  }

  /// How many ranks compute.
  public var ranks: Int {
    get { values.ranks ?? 1 }
    set { values.ranks = newValue }
  }

  /// nil where the study has no variants.
  public var variant: String? {
    get { values.variant }
    set { values.variant = newValue }
  }
}
