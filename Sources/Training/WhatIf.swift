import Configuration
import Measurement

/// The time that a run's steps would have taken had one thing been otherwise, from the account of its steps.
public struct WhatIf {
  /// One thing that could have been otherwise.
  public enum Change: Equatable, Sendable {
    /// In each step the slowest rank computes as the median of the others does.
    case withoutStraggler
    /// The network is so many times faster.
    case networkSpeed(Double)
    /// Gradients travel in buckets of about so many bytes.
    case bucketBytes(Int)
  }

  private let steps: RunSteps
  private let wire: WireModel
  /// By row.
  private let rows: [Row]

  /// A row's time over all ranks, in seconds.
  fileprivate struct Row {
    /// From one exchange's end to the next one's: `slowest` and `wire`.
    let total: Double
    /// After the last rank's arrival.
    let wire: Double
    /// Until the last rank arrived.
    let slowest: Double
    /// The same, had that rank taken the median of the others.
    let evened: Double
  }

  /// - Parameter linkBytesPerSecond: of a rank's link, each way, in the run; nil where nobody says, and then all that an
  ///   exchange took is taken for the network's.
  /// - Throws: `WhatIf.Failure` where the run has no account that says anything.
  public init(_ steps: RunSteps, _ record: RunRecord, linkBytesPerSecond: Double? = nil) throws {
    guard steps.ranks.count > 1 else {
      throw Failure(description: "the run had one rank: nobody waited for it, and nothing was exchanged")
    }
    guard steps.rowCount > 0 else {
      throw Failure(
        description: "the run's account holds no step: the first one is left out; train for 2 steps or more")
    }
    self.steps = steps
    rows = (0..<steps.rowCount).map { Row($0, steps) }
    let overlap = record.overlap ?? record.configuration.execution.overlap
    wire = WireModel(
      steps, gradientBytes: Double(record.model.gradientBytes), tableBytes: Self.tableBytes(record),
      startsEarly: overlap != .none, exposed: rows.reduce(0) { $0 + $1.wire } / Double(max(steps.steps, 1)),
      linkBytesPerSecond: linkBytesPerSecond)
  }

  /// Bytes of an all-reduce that load the wire as the rows do: an all-gather brings every other rank's, an all-reduce
  /// brings and sends 2 (P − 1) / P of its own.
  private static func tableBytes(_ record: RunRecord) -> Double {
    guard let tables = record.ledger.tables, record.ledger.steps > 0 else { return 0 }
    let gathered = tables.sparseBytes.median * Double(record.ranks) / 2
    return (gathered + Double(tables.denseBytes)) / Double(record.ledger.steps)
  }

  /// Seconds of the steps in the account, as they were.
  public var measured: Double { rows.reduce(0) { $0 + $1.total } }

  /// Steps in the account.
  public var stepCount: Int { steps.steps }

  /// Seconds of the same steps.
  public func seconds(_ change: Change) -> Double {
    switch change {
    case .withoutStraggler: secondsWithoutStraggler
    case .networkSpeed(let speed): seconds(exposed: wire.exposed(wire.messages, speed: speed))
    case .bucketBytes(let bytes): seconds(exposed: wire.exposed(wire.messages(bucketBytes: bytes)))
    }
  }

  /// - Parameter exposed: a step's, instead of what was measured.
  private func seconds(exposed: Double) -> Double {
    guard wire.exposed > 0 else { return measured }
    let ratio = exposed / wire.exposed
    return rows.reduce(0) { $0 + $1.total + $1.wire * (ratio - 1) }
  }

  /// Less computing hides less of the wire.
  private var secondsWithoutStraggler: Double {
    let slowest = rows.reduce(0) { $0 + $1.slowest }
    let saved = rows.reduce(0) { $0 + $1.slowest - $1.evened }
    let hiding = slowest > 0 ? (slowest - saved) / slowest : 1
    return seconds(exposed: wire.exposed(wire.messages, hiding: hiding)) - saved
  }

  /// Why nothing can be said; for the user.
  public struct Failure: Error, CustomStringConvertible {
    /// A sentence.
    public let description: String
  }
}

extension WhatIf.Row {
  fileprivate init(_ row: Int, _ steps: RunSteps) {
    let arrivals = steps.ranks.map { $0.rows[row].untilArrival }
    let slow = arrivals.indices.max { arrivals[$0] < arrivals[$1] }!
    total = steps.seconds(ofRow: row)
    slowest = arrivals[slow]
    // Ranks' own figures of it differ by what their clocks do, and by when each leaves.
    wire = max(0, total - slowest)
    // With the median of the others in its place the next one is the last to arrive.
    evened = arrivals.indices.filter { $0 != slow }.map { arrivals[$0] }.max()!
  }
}
