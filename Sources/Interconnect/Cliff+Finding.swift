extension Cliff {
  /// A larger message must be so much cheaper, or its bytes so much dearer, to be told: less is of no use to anybody.
  private static let least = 1.15

  /// Where neighbouring sizes of a series differ beyond what their intervals allow.
  static func all(in series: TimeSeries) -> [Cliff] {
    zip(series.times, series.times.dropFirst()).compactMap { small, large in
      kind(small, large).map { kind in
        Cliff(
          collective: series.collective, ranks: series.ranks, nodes: series.nodes, kind: kind, bytes: small.bytes,
          seconds: small.seconds, largerBytes: large.bytes, largerSeconds: large.seconds)
      }
    }
  }

  private static func kind(_ small: CollectiveTime, _ large: CollectiveTime) -> Kind? {
    if large.high * least < small.low { return .cheaper }
    let growth = Double(large.bytes) / Double(small.bytes)
    return large.low > small.high * growth * least ? .dearer : nil
  }
}
