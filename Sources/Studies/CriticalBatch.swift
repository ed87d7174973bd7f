import Configuration
import Statistics

/// The largest global batch that a saved state can go on with at no loss: branches of one start, with multiples of the batch
/// and the rate scaled with them, train on as many samples each (Merrill, Arora and Groeneveld 2025, "Critical batch size
/// revisited", section 3). Every start, and every further setting, has its own.
public struct CriticalBatch: Encodable, Equatable, Sendable {
  /// Of its branches, besides the batch.
  public var values: AxisValues
  /// The smallest batch of its branches.
  public var smallest: Int
  /// The largest.
  public var largest: Int
  /// The largest batch whose loss is within the tolerance of every smaller one's; a bound from below where it is the largest of all.
  public var globalBatch: Int

  /// Nats by which the loss may be higher, as in the paper.
  public static let tolerance = 0.01

  /// A branch that has trained.
  public struct Branch: Equatable, Sendable {
    /// Samples.
    public var globalBatch: Int
    /// Nats at its end; of a branch that diverged infinite.
    public var loss: Double

    /// What a branch came to.
    public init(globalBatch: Int, loss: Double) {
      self.globalBatch = globalBatch
      self.loss = loss
    }
  }

  /// k* = the largest k with L(k*) ≤ L(k) + ε for all k < k*. The smallest always is; a loss that is no number never.
  ///
  /// - Returns: nil for no branches.
  public static func globalBatch(of branches: [Branch], tolerance: Double = CriticalBatch.tolerance) -> Int? {
    let ordered = branches.sorted { $0.globalBatch < $1.globalBatch }
    return ordered.indices.last { place in
      place == 0 || ordered[..<place].allSatisfy { ordered[place].loss <= $0.loss + tolerance }
    }.map { ordered[$0].globalBatch }
  }
}

extension CriticalBatch {
  /// For claims.
  static let quantity = "criticalBatch"

  /// Of a study's branches: places whose runs start from a saved model, on the most ranks, by the final weights' loss on the
  /// training set (or the running mean, where that was not asked for).
  static func all(_ study: StudyConfiguration, _ points: [StudyPoint]) -> [CriticalBatch] {
    let branches = points.filter {
      $0.place.ranks == points.first?.place.ranks && study.run(of: $0.place.variant).from != nil
    }
    return branches.map { $0.place.values.without(.globalBatch) }.uniqued.compactMap { values in
      let own = branches.filter { $0.place.values.without(.globalBatch) == values && $0.isFinished }
      guard own.count > 1, let critical = globalBatch(of: own.map(Branch.init)) else { return nil }
      let batches = own.map(\.place.globalBatch)
      return CriticalBatch(
        values: values, smallest: batches.min()!, largest: batches.max()!, globalBatch: critical)
    }
  }
}

extension CriticalBatch.Branch {
  fileprivate init(_ point: StudyPoint) {
    self.init(
      globalBatch: point.place.globalBatch,
      loss: point.diverged.isEmpty ? point[.trainingLoss]?.value ?? .infinity : .infinity)
  }
}

extension StudyPoint {
  /// Whether any of its trials has an outcome.
  fileprivate var isFinished: Bool { !diverged.isEmpty || self[.trainingLoss] != nil }
}
