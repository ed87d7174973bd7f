/// What more ranks bring at one global batch (strong scaling: the same work, shared by more).
public struct RankScaling: Encodable, Equatable, Sendable {
  public struct Entry: Encodable, Equatable, Sendable {
    public var ranks: Int
    /// Epoch time on the reference ranks ÷ on these.
    public var speedUp: Double
    /// Speed-up ÷ (ranks ÷ reference ranks).
    public var efficiency: Double
  }

  public var globalBatch: Int
  public var variant: String?
  /// The smallest rank count measured: 1 where it was.
  public var referenceRanks: Int
  public var entries: [Entry]

  /// - Parameter seconds: of an epoch, by rank count.
  /// nil for fewer than two rank counts.
  init?(globalBatch: Int, variant: String?, seconds: [Int: Double]) {
    guard seconds.count > 1, let reference = seconds.keys.min(), let base = seconds[reference] else { return nil }
    self.globalBatch = globalBatch
    self.variant = variant
    referenceRanks = reference
    entries = seconds.sorted { $0.key < $1.key }.map { ranks, seconds in
      let speedUp = base / seconds
      return Entry(ranks: ranks, speedUp: speedUp, efficiency: speedUp * Double(reference) / Double(ranks))
    }
  }
}
