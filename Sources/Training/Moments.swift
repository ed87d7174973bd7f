/// When a run was prepared, began and ended, on rank 0's clock, in seconds since 1970, UTC.
public struct RunMoments: Encodable, Equatable, Sendable {
  /// The session of its ranks began: opening the data follows, where they were not open already, and the model.
  public var prepared: Double
  /// The first step could follow.
  public var began: Double
  /// All was trained and evaluated; nothing is saved yet.
  public var ended: Double

  /// In this order.
  public init(prepared: Double, began: Double, ended: Double) {
    self.prepared = prepared
    self.began = began
    self.ended = ended
  }
}

/// When an epoch began and ended, as `RunMoments`.
public struct EpochMoments: Encodable, Equatable, Sendable {
  /// Before its first step.
  public var began: Double
  /// After its last step, before the evaluation.
  public var trained: Double
  /// After the evaluation; where there is none, at once.
  public var ended: Double

  /// In this order.
  public init(began: Double, trained: Double, ended: Double) {
    self.began = began
    self.trained = trained
    self.ended = ended
  }
}
