import Statistics

/// What a global batch costs on so many ranks. Trials of every seed and learning-rate rule measure the same thing here,
/// so all of them are taken together.
public struct ExecutionPoint: Encodable, Equatable, Sendable {
  public var globalBatch: Int
  public var ranks: Int
  public var variant: String?
  /// Of `Measure.ofExecution`.
  public var estimates: [Measure: Estimate]

  public subscript(measure: Measure) -> Estimate? { estimates[measure] }
}
