import Foundation
import Interconnect

/// Settings of MPI beside each other, and the file that applies the best.
public struct TuningReport: Sendable {
  let tuning: NetworkTuning

  /// A report of a choice.
  public init(_ tuning: NetworkTuning) { self.tuning = tuning }

  /// For a terminal.
  public var terminal: String {
    let rows = tuning.candidates.enumerated().map { index, candidate in
      [
        (candidate.name as NSString).lastPathComponent, Format.fixed(candidate.ratio, 3),
        index == tuning.best ? "taken" : "",
        candidate.settings.map(Self.short).joined(separator: " "),
      ]
    }
    return "\(subject)\n"
      + Table([.text("Measured"), .number("Time, ratio"), .text(""), .text("Settings")], rows).terminal
  }

  /// For bash to read: comments that say what was measured, and a line a setting.
  public var file: String {
    let measured = tuning.candidates.map { candidate in
      "\(Format.fixed(candidate.ratio, 3))  \(candidate.settings.map(Self.short).joined(separator: " "))"
    }
    let comments = ["Written by lockstep tuning. \(subject)"] + measured
    // A comment must not become a command, whatever a folder or a setting is called.
    return (comments.map { "# " + VisibleText.line($0) } + tuning.lines).joined(separator: "\n") + "\n"
  }

  private var subject: String {
    let (least, most) = (tuning.sizes[0], tuning.sizes[tuning.sizes.count - 1])
    return "All-reduces of \(NetworkWords.size(least)) to \(NetworkWords.size(most)), "
      + "\(Format.plural(tuning.group.ranks, "rank")) on \(Format.plural(tuning.group.nodes, "host")): time against the "
      + "first, geometric mean."
  }

  private static func short(_ setting: String) -> String {
    setting.hasPrefix("OMPI_MCA_") ? String(setting.dropFirst("OMPI_MCA_".count)) : setting
  }
}
