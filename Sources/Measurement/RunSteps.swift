/// The account of all ranks of a run, step by step, and what of the exchange can be simulated anew: `steps.json`.
public struct RunSteps: Encodable, Equatable, Sendable {
  /// The latest version of the form.
  public static let currentVersion = 1

  /// Version of the form that it has.
  public var version = Self.currentVersion
  /// The number of the first step in the rows, from 1; the one before it prepared what later ones reuse.
  public var firstStep: Int
  /// In all rows.
  public var steps: Int
  /// That a row sums up; the last row may have fewer.
  public var stepsPerRow: Int
  /// In the order of their numbers.
  public var ranks: [Rank]
  /// In an order in which they can run forward.
  public var layers: [Layer]
  /// In the order in which they are set off.
  public var buckets: [Bucket]

  /// One rank's account.
  public struct Rank: Equatable, Sendable {
    /// The name that its system gives itself.
    public var host: String
    /// Microbatches of a full step.
    public var microbatches: Int
    /// In step order.
    public var rows: [StepSeconds]

    /// An account of known rows.
    public init(host: String, microbatches: Int, rows: [StepSeconds]) {
      self.host = host
      self.microbatches = microbatches
      self.rows = rows
    }
  }

  /// A layer of the model, or a join of branches.
  public struct Layer: Encodable, Equatable, Sendable {
    /// Unique in the model.
    public var name: String
    /// Of its stretch of the gradient arena.
    public var floats: Int
    /// Mean seconds from when its gradients were final on every rank to when the last rank was done with backward.
    public var ready: Double
    /// Nil where all of them are final at once; otherwise they are bit by bit, from these on.
    public var firstPart: Part?

    /// All in the units above.
    public init(name: String, floats: Int, ready: Double, firstPart: Part? = nil) {
      self.name = name
      self.floats = floats
      self.ready = ready
      self.firstPart = firstPart
    }

    /// Its first gradients, which may leave before the others are known.
    public struct Part: Encodable, Equatable, Sendable {
      /// From the start of its stretch.
      public var floats: Int
      /// As the layer's.
      public var ready: Double

      /// All in the units above.
      public init(floats: Int, ready: Double) {
        self.floats = floats
        self.ready = ready
      }
    }
  }

  /// Gradients that travel together.
  public struct Bucket: Encodable, Equatable, Sendable {
    /// Of the gradient arena.
    public var floats: Int
    /// It leaves when this layer's gradients are final; in the order of `layers`, from 0.
    public var layer: Int

    /// All in the units above.
    public init(floats: Int, layer: Int) {
      self.floats = floats
      self.layer = layer
    }
  }

  /// All ranks must have as many rows.
  public init(
    firstStep: Int, steps: Int, stepsPerRow: Int, ranks: [Rank], layers: [Layer] = [], buckets: [Bucket] = []
  ) {
    precondition(ranks.allSatisfy { $0.rows.count == ranks[0].rows.count }, "ranks with different rows")
    self.firstStep = firstStep
    self.steps = steps
    self.stepsPerRow = stepsPerRow
    self.ranks = ranks
    self.layers = layers
    self.buckets = buckets
  }

  /// Rows of a rank.
  public var rowCount: Int { ranks.first?.rows.count ?? 0 }

  /// Steps that a row sums up.
  public func steps(inRow row: Int) -> ClosedRange<Int> {
    let first = firstStep + row * stepsPerRow
    return first...min(first + stepsPerRow, firstStep + steps) - 1
  }

  /// Seconds of a row from one exchange's end to the next one's: the mean over ranks, which differ by what their clocks do.
  public func seconds(ofRow row: Int) -> Double {
    ranks.reduce(0) { $0 + $1.rows[row].total } / Double(ranks.count)
  }

  /// Of the update after a step: the mean over ranks and steps.
  public var updateSeconds: Double {
    let sum = ranks.reduce(0) { $0 + $1.rows.reduce(0) { $0 + Double($1[.update]) } }
    return sum / Double(max(ranks.count * steps, 1))
  }

  /// All rows.
  public var seconds: Double { (0..<rowCount).reduce(0) { $0 + seconds(ofRow: $1) } }
}

extension RunSteps.Rank: Encodable {
  private enum Key: String, CodingKey { case host, microbatches, seconds }

  /// A column for each part, by its name.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    try container.encode(host, forKey: .host)
    try container.encode(microbatches, forKey: .microbatches)
    let columns = StepSeconds.Part.allCases.map { part in (part.name, rows.map { $0[part] }) }
    try container.encode(Dictionary(uniqueKeysWithValues: columns), forKey: .seconds)
  }
}
