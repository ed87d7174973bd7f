import Statistics

/// Steps, epochs, money and time to the goal on ranks and nodes that were not run, from those that were; never a measurement.
///
/// A step is a + b · samples of the busiest rank + what the exchange exposes + waiting for the last rank: `StepModel`. It
/// supposes that every further node brings cores and memory like those of the study, and a network like the model's.
public struct Projection: Encodable, Equatable, Sendable {
  /// What a figure rests on.
  public enum Basis: String, Encodable, Sendable {
    /// The model was fitted to this very place.
    case measured
    /// Between places that it was fitted to.
    case interpolated
    /// Beyond them.
    case extrapolated
  }

  /// A place of the model.
  public struct Point: Encodable, Equatable, Sendable {
    /// Samples of a step, on all ranks.
    public var globalBatch: Int
    /// That share them.
    public var ranks: Int
    /// That the ranks are on.
    public var nodes: Int
    /// What the figures rest on.
    public var basis: Basis
    /// Parts of the step's seconds.
    public var terms: StepTerms
    /// Seconds of a step.
    public var stepSeconds: Double
    /// Where they lie, wider with the distance from what was measured; nil where too few trials were fitted to tell.
    public var interval: Interval?
    /// Mean over trials, where this place was run.
    public var measuredStepSeconds: Double?
    /// Seconds of a step's exchange by itself, hidden too.
    public var exchangeSeconds: Double
    /// Seconds of a step with half the bytes of dense gradients (`exchangePrecision`), before anyone tries it; nil where theirs
    /// are narrow already or may not be, and on one rank.
    public var narrowStepSeconds: Double?
    /// Of as many ranks, the share that does what one rank alone would: of the same global batch, or, where the batch grows
    /// with the ranks, of the same batch a rank.
    public var efficiency: Double
    /// Training alone.
    public var epochSeconds: Double
    /// Nodes × hours of an epoch.
    public var epochNodeHours: Double
    /// As the study's trials of this global batch needed to its target; nil where none did.
    public var epochsToGoal: Double?
    /// No other point of its list is both quicker and cheaper: to the goal where the list has points that reach it, else an
    /// epoch.
    public var isOnFront = false

    /// Seconds of the exchange that nothing hides, ÷ those of the step.
    public var exposedShare: Double { terms.exposed / stepSeconds }
    /// Seconds of the exchange that the backward pass hides, ÷ those of all of it; nil where there is none.
    public var hiddenShare: Double? { exchangeSeconds > 0 ? max(0, 1 - terms.exposed / exchangeSeconds) : nil }
    /// The share of a step that half the bytes would save, before what rounding takes; nil as `narrowStepSeconds`.
    public var narrowGain: Double? { narrowStepSeconds.map { 1 - $0 / stepSeconds } }
    /// Training alone.
    public var secondsToGoal: Double? { epochsToGoal.map { $0 * epochSeconds } }
    /// Nodes × hours.
    public var nodeHoursToGoal: Double? { epochsToGoal.map { $0 * epochNodeHours } }
  }

  /// A place that was run.
  public struct Comparison: Encodable, Equatable, Sendable {
    /// Samples of a step.
    public var globalBatch: Int
    /// That shared them.
    public var ranks: Int
    /// That they were on.
    public var nodes: Int
    /// Whether the model was fitted to it: then agreement proves little.
    public var isFitted: Bool
    /// Seconds of a step, by the model.
    public var predicted: Double
    /// Where the model has them.
    public var interval: Interval?
    /// Mean over trials.
    public var measured: Double
    /// predicted ÷ measured − 1
    public var error: Double { predicted / measured - 1 }
  }

  /// The smallest batch that keeps ranks busy.
  public struct Isoefficiency: Encodable, Equatable, Sendable {
    /// That share the batch.
    public var ranks: Int
    /// That they are on.
    public var nodes: Int
    /// Samples of a step; nil where no batch does.
    public var globalBatch: Int?
    /// What it rests on.
    public var basis: Basis?
  }

  /// What the model is, in figures.
  public struct Fit: Encodable, Equatable, Sendable {
    /// Seconds of a step outside the exchange, against samples of the busiest rank.
    public var compute: LinearFit
    /// How many times longer than by that line each global batch computes, by its size.
    public var paces: [Int: Double]
    /// The backward pass's part of it.
    public var backward: LinearFit
    /// Deviation of ranks' times from each other, in seconds.
    public var waitingPerStep: Double
    /// The same as a share of the computation.
    public var waitingPerCompute: Double
    /// Dense bytes that a rank hands to the exchange in a step.
    public var exchangedBytes: Double
    /// Messages that they are cut into.
    public var buckets: Int
    /// Whether tables' rows travel besides.
    public var hasTables: Bool
    /// Of the shorter of exchange and backward pass, the share that is hidden.
    public var hiddenShare: Double
    /// Seconds of the study's exchange ÷ what the network's model says; 1 for a network elsewhere.
    public var pace: Double
    /// Where the network's figures come from.
    public var network: NetworkSource
    /// Trials that were fitted.
    public var trials: Int
    /// Rank counts of those, rising.
    public var ranks: [Int]
    /// Standard deviation of the misses at fitted trials, as a share of the step.
    public var missShare: Double?
  }

  /// Where a network's figures come from.
  public enum NetworkSource: Encodable, Equatable, Sendable {
    /// A ring that explains the study's own exposed exchange: seconds of a message, and of each byte.
    case study(latency: Double, secondsPerByte: Double)
    /// Measured on the study's cluster.
    case measured(hosts: Int, ranks: Int)
    /// Measured on another cluster.
    case elsewhere(hosts: Int, ranks: Int)
    /// Nobody measured it.
    case dataSheet(latency: Double, bytesPerSecond: Double)
  }

  /// From which efficiency on ranks count as busy.
  public static let busy = 0.8

  /// The model.
  public var fit: Fit
  /// Of each global batch of the study on more and more ranks, in this order.
  public var strong: [Point]
  /// Of each batch of a rank on more and more ranks: the global batch grows with them.
  public var weak: [Point]
  /// One for each number of ranks.
  public var isoefficiency: [Isoefficiency]
  /// Every place that was run, in the order of ranks and global batch.
  public var comparisons: [Comparison]
}

extension Projection {
  /// Of `strong`, the least time: to the goal where any point reaches it, else of an epoch.
  public var fastest: Point? { strong.filter(\.isOnFront).min { $0.choice.seconds < $1.choice.seconds } }
  /// Of `strong`, the least money in the same sense.
  public var cheapest: Point? { strong.filter(\.isOnFront).min { $0.choice.nodeHours < $1.choice.nodeHours } }
}

extension Projection.Point {
  /// What a choice looks at.
  package var choice: (seconds: Double, nodeHours: Double) {
    (secondsToGoal ?? epochSeconds, nodeHoursToGoal ?? epochNodeHours)
  }
}
