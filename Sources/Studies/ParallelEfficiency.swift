/// Where ranks' time went, as the POP project splits it: parallel efficiency = load balance · serialisation · transfer, each at
/// most 1 but for errors of measurement.
public struct ParallelEfficiency: Encodable, Equatable, Sendable {
  /// Mean time computed ÷ the busiest rank's.
  public var loadBalance: Double
  /// The busiest rank's time computed ÷ the time that training would take were nothing seen of the network: what is lost to
  /// waiting that no network cures.
  public var serialisation: Double
  /// That time ÷ the time that training takes: what is lost to bytes on their way.
  public var transfer: Double
  /// Their product: mean time computed ÷ the time that training takes.
  public var parallel: Double

  /// - Parameters:
  ///   - mean: seconds that ranks computed, over ranks.
  ///   - busiest: of the rank that computed longest.
  ///   - elapsed: seconds of training.
  ///   - wire: seconds of it in which bytes moved and nothing hid them.
  /// - Returns: nil where nothing was computed.
  package init?(mean: Double, busiest: Double, elapsed: Double, wire: Double) {
    guard mean > 0, busiest > 0, elapsed > wire, wire >= 0 else { return nil }
    loadBalance = mean / busiest
    serialisation = busiest / (elapsed - wire)
    transfer = (elapsed - wire) / elapsed
    parallel = mean / elapsed
  }
}
