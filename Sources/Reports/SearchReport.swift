import Configuration
import Statistics
import Studies

/// What a study searched for: the settings that were tried at each place, and what was taken. Empty for a study that does not.
struct SearchReport {
  let summary: StudySummary

  private var findings: [SearchFinding] { summary.searches ?? [] }
  private var keys: [String] { summary.study.search?.ranges.map(\.key) ?? [] }
  private var quality: JudgedQuality { summary.judgedBy }
  /// Of the final weights with fresh seeds, where the data holds a test set out.
  private var ofTest: Measure {
    switch quality {
    case .accuracy: .testAccuracy
    case .areaUnderCurve: .testAUC
    case .loss: .testLoss
    }
  }

  var section: ReportSection { ReportSection("Search", words, table) }

  private var words: String {
    guard let search = summary.study.search else { return "" }
    let choosing =
      summary.study.target == nil
      ? "by the best \(quality.name(in: summary))"
      : "by the fewest updates to the target, where none reached it by the best \(quality.name(in: summary))"
    return
      "At every place the same \(Format.plural(search.trials, "setting")), points of a scrambled Halton sequence; one was taken "
      + "\(choosing), with the search's own seed \(search.seed), and then run anew with the study's seeds, of which all other "
      + "tables are. Trials that diverged count like any other; none was stopped early. "
      + "\"At the edge\" is a value that is the least or the largest tried: a better one may lie beyond the range."
  }

  private var table: Table {
    let facts = quality.measure.facts
    let testFacts = ofTest.facts
    let hasTest = summary.points.contains { $0[ofTest] != nil }
    return Table(
      [.text("Place"), .number("Batch"), .number("Trials"), .number("Diverged")]
        + keys.map { Table.Heading.number($0) } + [
          .number("Chosen: " + summary.words(facts.heading)), .number("Updates to target"), .text("Note"),
        ] + (hasTest ? [.number("Fresh seeds: " + testFacts.heading)] : []),
      findings.map { finding in
        let winner = finding.winner
        let test = summary.points.first { $0.place.values.without(.ranks) == finding.values }?[ofTest]
        return [
          name(finding), Format.integer(finding.globalBatch), Format.integer(finding.tried.count),
          Format.integer(finding.diverged),
        ]
          + keys.map { key in winner?.settings.values[key].map { Format.number($0, digits: 4) } ?? Format.missing }
          + [
            winner?.quality.map { Format.fixed($0 * facts.factor, facts.decimals ?? 4) } ?? Format.missing,
            winner?.updatesToTarget.map { Format.number($0) } ?? Format.missing, note(finding),
          ]
          + (hasTest ? [Format.estimate(test, times: testFacts.factor, decimals: testFacts.decimals)] : [])
      })
  }

  private func name(_ finding: SearchFinding) -> String {
    let rule = summary.scalings.count > 1 ? [StudyFigures.title(finding.scaling).lowercased()] : []
    let names = finding.names + rule
    return names.isEmpty ? "all" : names.joined(separator: ", ")
  }

  private func note(_ finding: SearchFinding) -> String {
    if finding.missing > 0 { return "\(Format.plural(finding.missing, "trial")) not run yet" }
    guard finding.winner != nil else { return "every trial diverged: nothing to choose" }
    return finding.atEdge.isEmpty ? "" : "at the edge: \(finding.atEdge.joined(separator: ", "))"
  }

  /// Warnings, for the chapter's beginning.
  var caveats: [String] {
    let edges = findings.filter { !$0.atEdge.isEmpty }
    guard !edges.isEmpty else { return [] }
    let places = edges.map { "\(Format.integer($0.globalBatch))\(place($0)) (\($0.atEdge.joined(separator: ", ")))" }
    return [
      "The search chose a value at the edge of what it tried at \(edges.count) of \(Format.plural(findings.count, "place")), global "
        + "batch \(Format.list(places)): a better one may lie beyond. Widen the range in a new study, or try more."
    ]
  }

  private func place(_ finding: SearchFinding) -> String {
    let own = name(finding)
    return own == "all" ? "" : " \(own)"
  }

  /// Quality against each searched key, a line of points for each place, with the chosen one.
  var figure: Figure? {
    let known = findings.filter { $0.tried.contains { !$0.diverged } }
    guard !known.isEmpty else { return nil }
    return Figure(
      name: "search",
      caption:
        "\(summary.words(quality.measure.facts.title)) of every trial of the search against what it tried, a panel for each key "
        + "and curve; the marks of a batch are its trials, the large open ones what was taken, the black crosses at the bottom trials "
        + "that diverged. Each trial varies all searched keys at once. One seed.",
      panels: keys.flatMap { key in curves(known).map { panel(key, $0.name, $0.findings) } })
  }

  private func curves(_ findings: [SearchFinding]) -> [(name: String, findings: [SearchFinding])] {
    findings.map(name).uniqued.map { name in (name, findings.filter { self.name($0) == name }) }
  }

  private func panel(_ key: String, _ name: String, _ findings: [SearchFinding]) -> String {
    let facts = quality.measure.facts
    let range = summary.study.search?.ranges.first { $0.key == key }
    let isOneMinus = range?.scale == .oneMinusLog
    func x(_ tried: SearchFinding.Tried) -> Double {
      let value = tried.settings.values[key] ?? .nan
      return isOneMinus ? 1 - value : value
    }
    func point(_ tried: SearchFinding.Tried) -> Plot.Point? {
      tried.quality.map { Plot.Point(x: x(tried), y: $0 * facts.factor) }
    }
    let series = findings.enumerated().map { index, finding in
      Plot.Series("B = \(Format.integer(finding.globalBatch))", finding.tried.compactMap(point), Look(index), .points)
    }
    let chosen = findings.enumerated().compactMap { index, finding in
      finding.winner.flatMap(point).map {
        Plot.Series("taken at \(Format.integer(finding.globalBatch))", [$0], Self.open(index), .points)
      }
    }
    let bottom = series.flatMap(\.points).map(\.y).filter(\.isFinite).min() ?? 0
    let diverged = findings.flatMap(\.tried).filter(\.diverged).map { Plot.Point(x: x($0), y: bottom) }
    let lost = Plot.Series("diverged", diverged, Look(color: "#000000", marker: .cross, dash: ""), .points)
    let title = name == "all" ? "Search over \(key)" : "Search over \(key): \(name)"
    return Plot(
      title, x: Plot.Axis(isOneMinus ? "1 − \(key)" : key, range?.scale == .linear ? .linear : .log10),
      y: Plot.Axis(summary.words(facts.axis)), series + chosen + (diverged.isEmpty ? [] : [lost])
    ).svg()
  }

  private static func open(_ index: Int) -> Look {
    var look = Look(color: "#000000", marker: Look(index).marker, dash: "")
    look.isOpen = true
    return look
  }
}
