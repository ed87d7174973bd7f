import Statistics

/// Times of two ways to do the same, measured in turns, so that whatever else the machine does hits both alike.
struct PairedTimes {
  /// Seconds a call, one for each round.
  var reference: [Double] = []
  var own: [Double] = []

  var referenceMedian: Double { reference.quantile(0.5) }
  var ownMedian: Double { own.quantile(0.5) }

  /// The median over rounds of own / reference: neighbours in time, so that slow stretches cancel.
  var ratio: Double { ratios.quantile(0.5) }
  /// Own / reference where both had their least disturbed round.
  var ratioOfMinima: Double { own.min()! / reference.min()! }
  /// Half of the rounds' ratios lie within this distance from each other.
  var spread: Double { ratios.quantile(0.75) - ratios.quantile(0.25) }

  private var ratios: [Double] { zip(own, reference).map { $0 / $1 } }

  /// Each closure returns seconds a call. They take turns in going first.
  init(rounds: Int, reference: () throws -> Double, own: () throws -> Double) rethrows {
    for round in 0..<rounds {
      if round % 2 == 0 { self.reference.append(try reference()) }
      self.own.append(try own())
      if round % 2 == 1 { self.reference.append(try reference()) }
    }
  }
}
