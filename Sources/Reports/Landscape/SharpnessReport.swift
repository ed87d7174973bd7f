import Files
import Foundation
import Landscape
import Studies
import Training

/// How sharp the loss is around runs' weights, in all its forms.
public struct SharpnessReport: Sendable {
  let record: SharpnessRecord

  /// A report of what was found.
  public init(_ record: SharpnessRecord) { self.record = record }

  /// By which a folder is known to hold such a report.
  public static let dataFile = "sharpness.json"

  /// Writes `sharpness.json` and `sharpness.csv`, each completely or not at all.
  ///
  /// - Returns: what was written.
  /// - Throws: `FileError` where the folder cannot be written, `EncodingError`.
  @discardableResult
  public func write(to folder: String) throws -> [String] {
    try ReportFiles.write(
      [(name: Self.dataFile, text: try json()), (name: "sharpness.csv", text: csv)], [], to: folder)
  }

  /// All figures. Throws `EncodingError`.
  public func json() throws -> String {
    String(decoding: try RecordFile.encoder(pretty: true).encode(record), as: UTF8.self) + "\n"
  }

  /// Tables and what they mean, for a terminal.
  public var terminal: String {
    let tables = [keskar, others].filter { !$0.rows.isEmpty }.map(\.terminal)
    return tables.joined(separator: "\n") + "\n" + sentences.map(VisibleText.line).joined(separator: "\n") + "\n"
  }

  /// φ, a row for each run, space and ε.
  var keskar: Table {
    Table(
      [
        .text("Run"), .text("Space"), .number("ε"), .number("φ"), .number("Iterations"), .number("Evaluations"),
        .number("φ by signs"), .number("Steps"),
      ],
      record.runs.flatMap { run in
        run.figures.keskar.map { sharpness in
          [
            run.run, Self.space(sharpness), Format.number(sharpness.epsilon), Self.figure(sharpness.phi),
            Format.integer(sharpness.iterations), Format.integer(sharpness.evaluations),
            Self.figure(sharpness.phiBySigns), Format.integer(sharpness.signSteps),
          ]
        }
      })
  }

  /// All other figures, a row for each run.
  var others: Table {
    Table(
      [
        .text("Run"), .number("Loss"), .number("Gradient norm"), .number("Adaptive sharpness"), .number("ρ"),
        .number("Largest eigenvalue"), .number("Residual"), .number("Evaluations"), .number("Time"),
      ],
      record.runs.map { run in
        let (adaptive, top) = (run.figures.adaptive, run.figures.topEigenvalue)
        return [
          run.run, Self.figure(run.figures.loss), Self.figure(run.figures.gradientNorm),
          Self.figure(adaptive?.growth), Self.figure(adaptive?.rho), Self.figure(top?.value),
          Self.figure(top?.residual), Format.integer(run.evaluations), Format.seconds(run.seconds),
        ]
      })
  }

  static func space(_ sharpness: KeskarSharpness) -> String {
    sharpness.dimensions.map { "\(Format.integer($0)) random directions" } ?? "whole"
  }

  private static func figure(_ value: Double?) -> String {
    value.map { Format.number($0, digits: 4) } ?? Format.missing
  }

  /// What the figures are of, and how far they can be trusted.
  var sentences: [String] {
    let functions = record.runs.map { LandscapeWords.function($0.statistics, batch: $0.batch, samples: $0.samples) }
    return functions.uniqued.map { "f is \($0)." } + [
      "φ = 100 · (largest f in the box − f) ÷ (1 + f) (Keskar et al. 2017, Metric 2.1), by L-BFGS-B with its stopping rules off and by "
        + "the gradient's signs; both are lower bounds. Random directions have independent normal entries of deviation 1.",
      "Adaptive sharpness is the largest growth within ‖δ ÷ |w|‖ ≤ ρ (Kwon et al. 2021).",
    ] + record.runs.flatMap(endings)
  }

  /// Searches that were cut short.
  private func endings(_ run: SharpnessRecord.Run) -> [String] {
    func note(_ name: String, _ end: Ascent.End?, after steps: Int) -> String? {
      // Where it moved, the end of all ways up is what it looked for.
      guard let end, end != .stationary || steps == 0 else { return nil }
      return "Note: \(run.run): \(name) ended after \(Format.plural(steps, "step")): \(LandscapeWords.end(end))."
    }
    let keskar = run.figures.keskar.flatMap { sharpness -> [String?] in
      let place = "\(Self.space(sharpness)), ε \(Format.number(sharpness.epsilon))"
      return [
        note("L-BFGS-B (\(place))", sharpness.end, after: sharpness.iterations),
        note("the ascent by signs (\(place))", sharpness.signEnd, after: sharpness.signSteps),
      ]
    }
    let adaptive = run.figures.adaptive.flatMap { note("adaptive sharpness", $0.end, after: $0.iterations) }
    return (keskar + [adaptive]).compactMap { $0 }
  }

  /// A row for each run, space and ε; figures of a run alone stand in each of its rows.
  public var csv: String {
    let titles = [
      "run", "weightsSHA256", "statistics", "batch", "samples", "loss", "gradientNorm", "dimensions", "epsilon", "phi",
      "iterations", "evaluations", "end", "phiBySigns", "signSteps", "signEnd", "rho", "adaptiveSharpness",
      "adaptiveFirstStep", "topEigenvalue", "eigenvalueResidual", "seconds",
    ]
    let rows = record.runs.flatMap { run in
      run.figures.keskar.isEmpty ? [row(run, nil)] : run.figures.keskar.map { row(run, $0) }
    }
    return CSV.text([titles.map(CSV.Cell.text)] + rows)
  }

  private func row(_ run: SharpnessRecord.Run, _ sharpness: KeskarSharpness?) -> [CSV.Cell] {
    func number(_ value: Double?) -> CSV.Cell { value.map { .number("\($0)") } ?? .empty }
    func count(_ value: Int?) -> CSV.Cell { value.map { .number("\($0)") } ?? .empty }
    let figures = run.figures
    let own: [CSV.Cell] = [
      .text(run.run), .text(run.weightsSHA256), .text(run.statistics?.rawValue ?? ""), count(run.batch),
      count(run.samples), number(figures.loss), number(figures.gradientNorm),
    ]
    let keskar: [CSV.Cell] = [
      count(sharpness?.dimensions), number(sharpness?.epsilon), number(sharpness?.phi), count(sharpness?.iterations),
      count(sharpness?.evaluations), .text(sharpness?.end?.rawValue ?? ""), number(sharpness?.phiBySigns),
      count(sharpness?.signSteps), .text(sharpness?.signEnd?.rawValue ?? ""),
    ]
    return own + keskar + [
      number(figures.adaptive?.rho), number(figures.adaptive?.growth), number(figures.adaptive?.firstStep),
      number(figures.topEigenvalue?.value), number(figures.topEigenvalue?.residual), number(run.seconds),
    ]
  }
}
