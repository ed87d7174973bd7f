/// What is to be timed, and for how long at most.
public struct MeasurementPlan: Equatable, Sendable {
  /// In the order in which they are timed.
  public var collectives: [Collective]
  /// Powers of two up to this size, from 8 bytes on.
  public var mostBytes: Int
  /// All-reduces are timed at these sizes as well: a run's own buckets.
  public var bucketBytes: [Int]
  /// Of a size, at most.
  public var repetitions: Int
  /// Of the whole, about: large messages get fewer repetitions, and where even three would be too long, none.
  public var seconds: Double

  /// Everything, in five minutes.
  public init(
    collectives: [Collective] = Collective.allCases, mostBytes: Int = 64 << 20, bucketBytes: [Int] = [],
    repetitions: Int = 31, seconds: Double = 300
  ) {
    self.collectives = collectives
    self.mostBytes = mostBytes
    self.bucketBytes = bucketBytes
    self.repetitions = repetitions
    self.seconds = seconds
  }

  /// The smallest message.
  public static let leastBytes = 8
  /// Enough sizes for a fit of an all-reduce; others need more from 6 ranks on.
  public static let leastMostBytes = leastBytes << TimeSeries.leastSizes
  /// Fewer repetitions say nothing about their spread.
  public static let leastRepetitions = 3

  /// In rising order, each once, in whole floats for each of so many ranks.
  package func sizes(of collective: Collective, ranks: Int) -> [Int] {
    let powers = sequence(first: Self.leastBytes) { $0 * 2 }.prefix { $0 <= mostBytes }
    let wanted = Set(powers).union(collective == .allReduce ? bucketBytes : [])
    let unit = MemoryLayout<Float>.stride * (collective == .allReduce ? 1 : ranks)
    return Set(wanted.map { max(1, ($0 + unit / 2) / unit) * unit }).sorted()
  }
}
