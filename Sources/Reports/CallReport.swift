import Configuration
import Foundation
import Statistics
import Studies

/// Tables, words and pictures of a study that timed compute calls.
struct CallReport {
  let summary: StudySummary

  private var curves: [CallCurve] { summary.callCurves }

  var table: Table {
    Table(
      [
        .text("Call"), .number("Examples"), .number("Time"), .number("Per example"), .number("CPU per example"),
        .number("Call's own share (%)"),
      ],
      curves.flatMap { curve in
        curve.points.map { point in
          let examples = Double(point.examples)
          return [
            Self.name(curve), Format.integer(point.examples), Self.time(point.seconds),
            Self.time(point.seconds, dividedBy: examples), Self.time(point.cpuSeconds, dividedBy: examples),
            point.overheadShare.map { Format.fixed($0 * 100, 1) } ?? Format.missing,
          ]
        }
      })
  }

  var fits: Table {
    Table(
      [
        .text("Call"), .text("a (per call)"), .text("b (per example)"), .number("R²"), .text("c·N^p, to compare"),
        .number("R²"),
      ],
      curves.map { curve in
        [
          Self.name(curve),
          curve.linear.map { StudyTables.withError($0.intercept, $0.interceptError) } ?? Format.missing,
          curve.linear.map { StudyTables.withError($0.slope, $0.slopeError) } ?? Format.missing,
          curve.linear.map { Format.fixed($0.rSquared, 4) } ?? Format.missing,
          curve.power.map { "\(Format.seconds($0.factor)) · N^\(Format.fixed($0.exponent, 3))" } ?? Format.missing,
          curve.power.map { Format.fixed($0.rSquared, 4) } ?? Format.missing,
        ]
      })
  }

  var savings: Table {
    Table(
      [
        .text("Call"), .number("From examples"), .number("To"), .number("CPU saved, measured (%)"),
        .number("By the fit (%)"), .number("Call's own share before (%)"),
      ],
      curves.flatMap { curve in
        curve.savings.map { saving in
          [
            Self.name(curve), Format.integer(saving.examples),
            Format.integer(saving.moreExamples), Format.fixed(saving.measured * 100, 1),
            saving.modelled.map { Format.fixed($0 * 100, 1) } ?? Format.missing,
            saving.overheadShare.map { Format.fixed($0 * 100, 1) } ?? Format.missing,
          ]
        }
      })
  }

  var sentences: [String] {
    curves.compactMap { curve in
      guard let linear = curve.linear, let first = curve.points.first, let last = curve.points.last else { return nil }
      let line =
        "\(Self.name(curve)): a call takes \(Format.seconds(max(0, linear.intercept))) + "
        + "\(Format.seconds(linear.slope)) × examples (R² \(Format.fixed(linear.rSquared, 4)))"
      guard let most = first.overheadShare, let least = last.overheadShare else {
        return line + "; what a call costs by itself cannot be told from 0."
      }
      return line + "; what the call costs by itself is \(Format.percent(most)) of one with "
        + "\(Format.plural(first.examples, "example")) and \(Format.percent(least)) of one with "
        + "\(Format.integer(last.examples))."
    }
  }

  var figures: [Figure] { [times, perExample, saved].compactMap { $0 } }

  private var times: Figure? {
    let unit = 1e3
    let series = curves.enumerated().flatMap { index, curve -> [Plot.Series] in
      let measured = curve.points.map { Self.point($0.examples, $0.seconds, unit) }
      let fitted = curve.linear.map { line in
        Self.steps(curve).map { Plot.Point(x: $0, y: line($0) * unit) }.filter { $0.y > 0 }
      }
      return [
        Plot.Series("\(Self.name(curve)), measured", measured, Look(index), .points),
        fitted.map { Plot.Series("\(Self.name(curve)), a + bN", $0, Look(index), .line) },
      ].compactMap { $0 }
    }
    guard !series.isEmpty else { return nil }
    return Figure(
      name: "call-time",
      caption:
        "Time of one compute call in ms against its examples, both axes logarithmic, with the line a + bN fitted by "
        + "least relative squares. Medians over repeats; reading the input is not counted. \(overSeeds)",
      panels: [Plot("Time of a call", x: axis, y: Plot.Axis("Time of a call (ms)", .log10), series).svg()])
  }

  private var perExample: Figure? {
    let series = curves.enumerated().map { index, curve in
      Plot.Series(
        Self.name(curve),
        curve.points.map { Self.point($0.examples, $0.seconds, 1e6 / Double($0.examples)) }, Look(index))
    }
    guard !series.isEmpty else { return nil }
    return Figure(
      name: "time-per-example",
      caption:
        "Time per example in µs against the examples of a call, both axes logarithmic: what larger calls save. Lower "
        + "is better. \(overSeeds)",
      panels: [Plot("Time per example", x: axis, y: Plot.Axis("Time per example (µs)", .log10), series).svg()])
  }

  private var saved: Figure? {
    let series = curves.enumerated().filter { !$0.element.savings.isEmpty }.flatMap { index, curve in
      [
        Plot.Series(
          "\(Self.name(curve)), measured",
          curve.savings.map { Plot.Point(x: Double($0.examples), y: $0.measured * 100) }, Look(index), .points),
        Plot.Series(
          "\(Self.name(curve)), by the fit",
          curve.savings.compactMap { saving in
            saving.modelled.map { Plot.Point(x: Double(saving.examples), y: $0 * 100) }
          }, Look(index), .line),
      ]
    }
    guard !series.isEmpty else { return nil }
    return Figure(
      name: "fewer-calls",
      caption:
        "CPU time saved, in percent, by giving the same examples to a fifth of the calls, against the examples of "
        + "the smaller call: as measured, and as a + bN has it. \(overSeeds)",
      panels: [Plot("Saved by a fifth of the calls", x: axis, y: Plot.Axis("CPU time saved (%)"), series).svg()])
  }

  private var axis: Plot.Axis { Plot.Axis("Examples per call", .log2, ticks: ticks) }

  /// Powers of four at most: neighbours would overlap.
  private var ticks: [Double] {
    let examples = curves.flatMap { $0.points.map { Double($0.examples) } }
    guard let least = examples.min(), let most = examples.max() else { return [] }
    return (0...16).map { pow(4, Double($0)) }.filter { $0 >= least && $0 <= most }
  }

  private static func steps(_ curve: CallCurve) -> [Double] {
    guard let first = curve.points.first, let last = curve.points.last else { return [] }
    let (low, high) = (Double(first.examples), Double(last.examples))
    return (0...60).map { low * pow(high / low, Double($0) / 60) }
  }

  private static func point(_ examples: Int, _ estimate: Estimate, _ factor: Double) -> Plot.Point {
    Plot.Point(
      x: Double(examples), y: estimate.value * factor, error: estimate.standardDeviation.map { $0 * factor })
  }

  private static func time(_ estimate: Estimate, dividedBy count: Double = 1) -> String {
    let unit = Unit.seconds(for: estimate.value / count)
    return Format.estimate(estimate, times: unit.factor / count) + " " + unit.name
  }

  static func name(_ curve: CallCurve) -> String {
    let kind = curve.kind == .prediction ? "prediction" : "training"
    let names = [curve.variant].compactMap { $0 } + curve.values.furtherNames
    return names.isEmpty ? kind.prefix(1).uppercased() + kind.dropFirst() : (names + [kind]).joined(separator: ", ")
  }

  private var overSeeds: String {
    summary.provenance.seeds.count > 1 ? "Means over seeds; bands or bars are standard deviations." : "One seed."
  }
}
