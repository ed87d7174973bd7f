import Statistics

/// The cost of an interval (an epoch, a run), over all ranks. Seconds unless said otherwise.
public struct LedgerSummary: Encodable, Equatable, Sendable {
  /// One for each `Phase`, by its name.
  public var phases: [String: Spread]
  /// Wall-clock; the phases sum to it on every rank.
  public var elapsed: Spread
  /// From the first bucket's start to the last one's completion, summed over steps: hidden behind compute or not.
  public var exchangeTotal: Spread
  /// The part of it in which the rank could do nothing else: exchangeWait + exchangeWire.
  public var exchangeExposed: Spread
  /// Gradient bytes that one rank hands to all-reduce, the same on every rank; where samples are contrasted, with the bytes of
  /// their projections, of the rank that hands over most.
  public var exchangedBytes: Int
  /// All-reduce calls of one rank, and gathers within steps.
  public var exchangedMessages: Int
  /// User and system time of all threads, one figure a rank.
  public var cpuSeconds: Spread
  /// Largest resident set so far, in bytes.
  public var peakMemoryBytes: Spread
  /// Updates in the interval.
  public var steps: Int
  /// Samples of all ranks.
  public var samples: Int
  /// Traffic of row-sparse gradients, which the figures above leave out; nil where nothing touched a table.
  public var tables: TableTrafficSummary?
  /// What ranks computed; nil in records from before that was noted.
  public var useful: UsefulTime?
  /// What others took; nil in records from before that was looked at.
  public var disturbance: Disturbance?

  /// Without what is nil at times; set it where it is known.
  public init(
    phases: [String: Spread], elapsed: Spread, exchangeTotal: Spread, exchangeExposed: Spread, exchangedBytes: Int,
    exchangedMessages: Int, cpuSeconds: Spread, peakMemoryBytes: Spread, steps: Int, samples: Int
  ) {
    self.phases = phases
    self.elapsed = elapsed
    self.exchangeTotal = exchangeTotal
    self.exchangeExposed = exchangeExposed
    self.exchangedBytes = exchangedBytes
    self.exchangedMessages = exchangedMessages
    self.cpuSeconds = cpuSeconds
    self.peakMemoryBytes = peakMemoryBytes
    self.steps = steps
    self.samples = samples
  }

  /// Seconds in which a rank trained and did not communicate: all phases but evaluation, checkpoints and the exposed exchange.
  public struct UsefulTime: Encodable, Equatable, Sendable {
    /// Over ranks, in seconds.
    public var mean: Double
    /// The busiest rank's.
    public var maximum: Double

    /// Known figures.
    public init(mean: Double, maximum: Double) {
      self.mean = mean
      self.maximum = maximum
    }
  }

  /// Seconds of a phase over ranks; zeros where it was not booked.
  public subscript(phase: Phase) -> Spread { phases[phase.name] ?? Spread(minimum: 0, median: 0, maximum: 0) }
}
