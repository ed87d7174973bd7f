/// The cost of a collective on one group of ranks, in ranges of sizes.
public struct CollectiveFit: Encodable, Equatable, Sendable {
  /// The call.
  public var collective: Collective
  /// That were measured.
  public var ranks: Int
  /// That these ranks were on.
  public var nodes: Int
  /// In rising order of sizes; the first is from 0 bytes.
  public var regimes: [CostRegime]
  /// Sizes that were measured, least and largest.
  public var leastBytes: Int
  /// The largest size that was measured.
  public var mostBytes: Int
  /// Median relative distance of the measurements from the fit.
  public var error: Double
  /// Median relative miss of sizes that a fit of every second size did not see; nil for too few sizes.
  public var heldOutError: Double?
  /// Relative error that each doubling of the number of ranks brings: seen where several numbers were measured, supposed
  /// where it was one (`unseenGrowth`).
  public var errorPerDoubling: Double

  /// Supposed of a doubling that nobody measured.
  public static let unseenGrowth = 0.25

  /// - Precondition: there is a regime.
  public init(
    _ collective: Collective, ranks: Int, nodes: Int, regimes: [CostRegime], bytes: ClosedRange<Int>, error: Double,
    heldOutError: Double?, errorPerDoubling: Double
  ) {
    precondition(!regimes.isEmpty, "a fit without regimes")
    self.collective = collective
    self.ranks = ranks
    self.nodes = nodes
    self.regimes = regimes
    leastBytes = bytes.lowerBound
    mostBytes = bytes.upperBound
    self.error = error
    self.heldOutError = heldOutError
    self.errorPerDoubling = errorPerDoubling
  }

  /// What was between the ranks.
  public var level: NetworkLevel { NetworkLevel(ranks: ranks, nodes: nodes) }

  /// The regime of a size.
  public func regime(of bytes: Int) -> CostRegime { regimes.last { $0.fromBytes <= bytes } ?? regimes[0] }

  /// Seconds on the ranks that were measured.
  public func seconds(bytes: Int) -> Double {
    regime(of: bytes).seconds(of: collective, bytes: Double(bytes), ranks: ranks)
  }
}
