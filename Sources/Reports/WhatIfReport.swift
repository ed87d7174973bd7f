import Measurement
import Training

/// The time of a run's steps as they were, and as they would have been.
public struct WhatIfReport {
  private let whatIf: WhatIf
  private let changes: [WhatIf.Change]
  private let slow: SlowRank?

  /// - Parameter slow: the rank that was found to be slow in the run.
  public init(_ whatIf: WhatIf, _ changes: [WhatIf.Change], slow: SlowRank?) {
    self.whatIf = whatIf
    self.changes = changes
    self.slow = slow
  }

  /// Lines for a terminal.
  public var terminal: String { table.terminal + note }

  var table: Table {
    let measured = whatIf.measured
    let rows = changes.map { row(name($0), whatIf.seconds($0), of: measured) }
    return Table(
      [
        .text("\(Format.plural(whatIf.stepCount, "step"))"), .number("Time"), .number("A step"), .number("Change (%)"),
      ], [row("As it was", measured, of: measured)] + rows)
  }

  private func row(_ name: String, _ seconds: Double, of measured: Double) -> [String] {
    [
      name, Format.seconds(seconds), Format.seconds(seconds / Double(whatIf.stepCount)),
      Format.fixed(100 * (seconds / measured - 1), 1),
    ]
  }

  private func name(_ change: WhatIf.Change) -> String {
    switch change {
    case .withoutStraggler: "Without the slowest rank of each step" + (slow.map { " (mostly rank \($0.rank))" } ?? "")
    case .networkSpeed(let speed): "Network \(Self.times(speed)) times as fast"
    case .bucketBytes(let bytes): "Buckets of \(Format.bytes(Double(bytes)))"
    }
  }

  private static func times(_ speed: Double) -> String {
    speed == speed.rounded() ? Format.integer(Int(speed)) : Format.number(speed)
  }

  private var note: String {
    "The first step, evaluation and saving are left out. The rules are in docs/tracing.md.\n"
  }
}
