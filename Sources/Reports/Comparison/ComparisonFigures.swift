import Configuration
import Foundation
import Statistics
import Studies

/// A comparison's pictures.
struct ComparisonFigures {
  let comparison: StudyComparison

  init(_ comparison: StudyComparison) { self.comparison = comparison }

  /// In the order of the page; what has no data is left out.
  var all: [Figure] { [ratios, times, quality, speedUp].compactMap { $0 } }

  private var studies: [ComparedStudy] { comparison.studies }
  /// More are told by tables.
  private static let (mostRows, mostPanels) = (40, 12)

  /// How times differ, setting by setting.
  private var ratios: Figure? {
    let pairs = comparison.timePairs.filter { $0.difference.ratio > 0 && $0.difference.ratio.isFinite }
    guard !pairs.isEmpty else { return nil }
    let ends = pairs.map { [$0.first, $0.other] }.uniqued
    let rows = pairs.prefix(Self.mostRows).map { pair in
      IntervalRows.Row(
        name: ComparisonTables.name(pair.place, withRanks: true), value: pair.difference.ratio,
        range: pair.difference.interval.flatMap { $0.lower <= $0.upper ? $0.lower...$0.upper : nil },
        series: ends.firstIndex(of: [pair.first, pair.other]) ?? 0, isDecided: pair.difference.verdict != .undecided)
    }
    let names = ends.map { "\(studies[$0[1]].name) ÷ \(studies[$0[0]].name)" }
    let more = pairs.count > rows.count ? " The first \(rows.count) of \(pairs.count); the table has all." : ""
    return Figure(
      name: "time-ratios",
      caption:
        "How many times as long an epoch takes: \(Format.list(names)), with intervals that together hold the true ratios in 95 % of "
        + "comparisons. Filled marks are told from 1, where nothing would differ; open ones are undecided.\(more)",
      panels: [
        IntervalRows(
          title: "Ratio of median epochs", xLabel: "\(names.count == 1 ? names[0] : "Ratio") (below 1: faster)",
          neutral: 1,
          names: names, rows: Array(rows)
        ).svg()
      ])
  }

  private var times: Figure? {
    let places = comparison.times.flatMap { $0.keys }
    let unit = Unit.seconds(for: comparison.times.flatMap { $0.values.map(\.seconds.value) }.max() ?? 1)
    let lines = places.map { $0.without(.globalBatch).without(.ranks) }.inOrder
    let panels = lines.compactMap { line in
      panel(line, title: "Time per epoch", axis: Plot.Axis("Time per epoch (\(unit.name))", startsAtZero: true)) {
        number in
        let own = comparison.times[number].filter { $0.key.without(.globalBatch).without(.ranks) == line }
        let rankCounts = Set(own.keys.map(\.ranks)).sorted(by: >)
        return rankCounts.map { ranks in
          let points = own.filter { $0.key.ranks == ranks }.map { place, work in
            Plot.Point(globalBatch: place.globalBatch, work.seconds, times: unit.factor)
          }
          return ("\(studies[number].name), \(Format.plural(ranks, "rank"))", points)
        }
      }
    }
    return figure(
      "time-per-epoch",
      "Training time per epoch in \(unit.name), of the slowest rank and without evaluation, against the global batch, a line for each study "
        + "and rank count. Medians over the epochs of all trials of the same work; bands or bars: the 95 % interval, from six "
        + "epochs on. Lower is better.", panels)
  }

  private var quality: Figure? {
    let places = comparison.qualities.flatMap { $0.keys }
    let panels = places.map { $0.without(.globalBatch) }.inOrder.compactMap { line -> String? in
      let facts = comparison.judge(of: line).measure.facts
      let rule = StudyFigures.title(line.scaling).lowercased()
      return panel(line, title: "\(words(facts.title)), \(rule)", axis: Plot.Axis(words(facts.axis))) { number in
        let own = comparison.qualities[number].filter { isOn(line, $0.key, number) }
        let points = own.compactMap { place, learnt in
          learnt.quality.map { Plot.Point(globalBatch: place.globalBatch, $0, times: facts.factor) }
        }
        return [(studies[number].name, points)]
      }
    }
    return figure(
      "quality",
      "Quality of the final weights against the global batch, a line for each study, a panel for each rule. Means; bands or bars: standard "
        + "deviation over seeds. Diverged trials are left out.", panels)
  }

  /// A base batch, where rules change nothing, is on the line of every rule.
  private func isOn(_ line: ComparedPlace, _ place: ComparedPlace, _ number: Int) -> Bool {
    if place.without(.globalBatch) == line { return true }
    let study = studies[number].stored.study
    let trial = Trial(place.values, part: place.part)
    guard study.owner(of: trial)?.isBase(place.values) == true else { return false }
    return place.without(.globalBatch).without(.scaling) == line.without(.scaling)
  }

  /// nil for fewer than two batches: tables tell of one as much.
  private func panel(
    _ line: ComparedPlace, title: String, axis: Plot.Axis, _ lines: (Int) -> [(name: String, points: [Plot.Point])]
  ) -> String? {
    let found = studies.indices.flatMap(lines).filter { !$0.points.isEmpty }
    let series = found.enumerated().map { index, line in
      Plot.Series(line.name, line.points.sorted { $0.x < $1.x }, Look(index))
    }
    let batches = Set(series.flatMap { $0.points.map(\.x) }).sorted()
    guard batches.count > 1 else { return nil }
    let names = [line.part].compactMap { $0 } + line.names
    let x = Plot.Axis("Global batch (samples)", .log2, ticks: batches)
    return Plot(([title] + names).joined(separator: ", "), x: x, y: axis, series).svg()
  }

  /// Over the rank counts of all studies.
  private var speedUp: Figure? {
    let lines = comparison.jobSizes
    let scaling = ScalingPanels(
      lines: lines.enumerated().map { (name: name(of: $1), scaling: $1.scaling, look: Look($0)) })
    return figure(
      "speed-up",
      "Speed-up of an epoch over ranks at the same global batch, both axes logarithmic; dotted: ideal\(scaling.laws). Beside it the "
        + "share of the ideal that is reached. \(owners)\(ScalingPanels.intervals)", scaling.panels)
  }

  private func name(of line: StudyComparison.JobSizes) -> String {
    ([line.study.map { studies[$0].name }].compactMap { $0 } + [ComparisonTables.name(line.place, withRanks: false)])
      .joined(separator: ", ")
  }

  /// Which rank counts are whose, where a line is of several studies.
  private var owners: String {
    let pairs = comparison.jobSizes.filter { $0.study == nil }.flatMap { line in
      line.studyOf.map { [$0.value, $0.key] }
    }.uniqued
    guard !pairs.isEmpty else { return "" }
    let words = studies.indices.compactMap { number -> String? in
      let own = pairs.filter { $0[0] == number }.map { $0[1] }.sorted()
      return own.isEmpty ? nil : "\(Format.list(own.map(Format.integer))) of \(studies[number].name)"
    }
    return "Rank counts: \(Format.list(words)). "
  }

  private func words(_ text: String) -> String {
    guard let data = studies.lazy.compactMap({ $0.provenance.dataset }).first else { return text }
    return text.replacingOccurrences(of: "Validation", with: data.heldOutHeading)
      .replacingOccurrences(of: "validation", with: data.heldOut)
  }

  private func figure(_ name: String, _ caption: String, _ panels: [String]) -> Figure? {
    guard !panels.isEmpty else { return nil }
    let more =
      panels.count > Self.mostPanels
      ? " The first \(Self.mostPanels) of \(panels.count) panels; the tables have all." : ""
    return Figure(name: name, caption: caption + more, panels: Array(panels.prefix(Self.mostPanels)))
  }
}
