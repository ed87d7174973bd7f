/// A range of sizes in which a collective does the same thing: seconds = rounds · latency + bytes · (moved · secondsPerByte
/// + reduced · reductionSecondsPerByte), Hockney's model (1994) with a cost of reduction, as in Thakur and others 2005.
public struct CostRegime: Encodable, Equatable, Sendable {
  /// From this size on, up to the next regime's.
  public var fromBytes: Int
  /// α, of a message.
  public var latencySeconds: Double
  /// β, the inverse bandwidth.
  public var secondsPerByte: Double
  /// γ, of adding two values' bytes; 0 where nothing is reduced.
  public var reductionSecondsPerByte: Double
  /// How it is done as far as the measurements tell: the likeliest first, which latency and bandwidth belong to, then others
  /// that explain them as well. More than one where one number of ranks alone was measured.
  public var schedules: [Schedule]

  /// - Precondition: there is a schedule.
  public init(
    fromBytes: Int, latencySeconds: Double, secondsPerByte: Double, reductionSecondsPerByte: Double,
    schedules: [Schedule]
  ) {
    precondition(!schedules.isEmpty, "a regime without a schedule")
    self.fromBytes = fromBytes
    self.latencySeconds = latencySeconds
    self.secondsPerByte = secondsPerByte
    self.reductionSecondsPerByte = reductionSecondsPerByte
    self.schedules = schedules
  }

  /// Seconds on any number of ranks, by the likeliest schedule.
  func seconds(of collective: Collective, bytes: Double, ranks: Int) -> Double {
    guard let costs = schedules[0].costs(of: collective, ranks: ranks) else { return .nan }
    return costs.rounds * latencySeconds
      + bytes * (costs.moved * secondsPerByte + costs.reduced * reductionSecondsPerByte)
  }

  /// The same by each schedule that explains what was measured on `measured` ranks; the likeliest first.
  func candidates(of collective: Collective, bytes: Double, ranks: Int, measured: Int) -> [Double] {
    guard let own = schedules[0].costs(of: collective, ranks: measured) else { return [] }
    return schedules.compactMap { schedule in
      guard let there = schedule.costs(of: collective, ranks: measured),
        let here = schedule.costs(of: collective, ranks: ranks)
      else { return nil }
      let latency = own.rounds * latencySeconds * here.rounds / there.rounds
      let moved = own.moved * secondsPerByte * here.moved / there.moved
      let reduced = own.reduced > 0 ? own.reduced * reductionSecondsPerByte * here.reduced / there.reduced : 0
      return latency + bytes * (moved + reduced)
    }
  }
}
