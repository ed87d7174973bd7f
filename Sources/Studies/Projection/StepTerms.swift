/// A step's seconds by what they are spent on; they add up to the step.
public struct StepTerms: Encodable, Equatable, Sendable {
  /// What each step takes whatever its batch: a of a + b·n.
  public var overhead: Double
  /// What grows with the samples n of the busiest rank: b·n.
  public var compute: Double
  /// Exchange that nothing hides, as far as it is the number of messages.
  public var latency: Double
  /// Exchange that nothing hides, as far as it is their bytes.
  public var bandwidth: Double
  /// For ranks that are later.
  public var waiting: Double

  /// One of them.
  public enum Term: String, Encodable, CaseIterable, Sendable { case overhead, compute, latency, bandwidth, waiting }

  /// Seconds.
  public subscript(term: Term) -> Double {
    switch term {
    case .overhead: overhead
    case .compute: compute
    case .latency: latency
    case .bandwidth: bandwidth
    case .waiting: waiting
    }
  }

  /// Exchange that nothing hides, without waiting.
  public var exposed: Double { latency + bandwidth }
  /// Of the step.
  public var seconds: Double { overhead + compute + exposed + waiting }
  /// The largest: what to work at, or to buy, next.
  public var limiting: Term { Term.allCases.max { self[$0] < self[$1] } ?? .compute }
}
