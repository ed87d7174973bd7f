import Configuration

/// The gain of more ranks at one batch a rank: the global batch, and so the work of a step, grows with the ranks.
public struct WeakScaling: OnAxes, Equatable, Sendable {
  /// A rank count beside the reference.
  public struct Entry: Encodable, Equatable, Sendable {
    /// How many.
    public var ranks: Int
    /// Samples of a step on all of them.
    public var globalBatch: Int
    /// Over all of them.
    public var samplesPerSecond: Double
    /// Samples a second and rank ÷ those of the reference.
    public var efficiency: Double
  }

  /// Values on all axes of the execution but ranks and global batch.
  public var values: AxisValues
  /// Samples of each rank in a step.
  public var localBatch: Int
  /// The smallest rank count measured first.
  public var entries: [Entry]

  /// - Parameter rates: samples a second over all ranks, by rank count.
  /// - Returns: nil for fewer than two rank counts.
  package init?(_ values: AxisValues, localBatch: Int, rates: [Int: Double]) {
    guard rates.count > 1, let reference = rates.keys.min(), let base = rates[reference], base > 0 else { return nil }
    self.values = values
    self.localBatch = localBatch
    entries = rates.sorted { $0.key < $1.key }.map { ranks, rate in
      Entry(
        ranks: ranks, globalBatch: localBatch * ranks, samplesPerSecond: rate,
        efficiency: rate / Double(ranks) / (base / Double(reference)))
    }
  }
}

extension WeakScaling {
  /// Of all batches a rank that ran on two rank counts or more, in order.
  static func all(_ execution: [ExecutionPoint]) -> [WeakScaling] {
    execution.map { $0.values.without(.ranks, .globalBatch) }.uniqued.flatMap { line in
      let own = execution.filter {
        $0.values.without(.ranks, .globalBatch) == line && $0.ranks > 0 && $0.globalBatch % $0.ranks == 0
      }
      return Dictionary(grouping: own) { $0.globalBatch / $0.ranks }.sorted { $0.key < $1.key }.compactMap {
        local, points in
        let rates = points.compactMap { point in point[.samplesPerSecond].map { (point.ranks, $0.value) } }
        return WeakScaling(line, localBatch: local, rates: Dictionary(uniqueKeysWithValues: rates))
      }
    }
  }
}

extension WeakScaling: Encodable {
  private enum CodingKeys: String, CodingKey { case localBatch, entries }

  /// The values beside the entries.
  public func encode(to encoder: any Encoder) throws {
    try values.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(localBatch, forKey: .localBatch)
    try container.encode(entries, forKey: .entries)
  }
}
