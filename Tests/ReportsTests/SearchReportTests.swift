import Configuration
import Foundation
import Reports
import Studies
import SyntheticStudies
import Testing
import Training

@Suite("Report of a study that searches") struct SearchReportTests {
  private static let study: StudyConfiguration = {
    var study = SyntheticStudy.study(globalBatch: [64, 256], scaling: ["none"])
    study.search = StudySearch(
      trials: 6, seed: 9,
      ranges: [
        .init(key: "learningRate.base", scale: .log, low: 1e-3, high: 10),
        .init(key: "optimizer.momentum", scale: .oneMinusLog, low: 1e-3, high: 1),
      ])
    return study
  }()

  /// The larger the rate, the better, but for rates above 3, which diverge.
  private static func record(_ trial: Trial) -> TrialRecord {
    let rate = trial.settings?.values["learningRate.base"] ?? 0
    return rate > 3
      ? SyntheticStudy.diverged(trial, of: study)
      : SyntheticStudy.record(trial, of: study, accuracy: 0.7 + 0.03 * log10(rate))
  }

  private static let records: [TrialRecord] = {
    let first = study.firstTrials.map(record)
    return first + study.plan(after: first).suffix(4).map(record)
  }()

  @Test("A row a place with what was chosen, a picture of what was tried, and the budget in words")
  func report() throws {
    let report = StudyReport(Self.study, Self.records)
    let markdown = report.markdown
    let chosen = try #require(report.summary.searches?.first?.winner?.settings.values["learningRate.base"])
    #expect(markdown.contains("## Search") && markdown.contains("the same 6 settings"))
    #expect(markdown.contains("search-1.svg") && markdown.contains("search-2.svg"))
    let table = try #require(markdown.components(separatedBy: "## Search\n").last)
    let row = try #require(table.split(separator: "\n").first { $0.hasPrefix("| all") })
    let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    let lost = Self.study.search!.settings.filter { $0.values["learningRate.base"]! > 3 }.count
    #expect(cells.prefix(4) == ["all", "64", "6", "\(lost)"], "\(row)")
    #expect(abs(try #require(Double(cells[4])) - chosen) < 0.001, "\(row)")
    let html = try report.html()
    #expect(html.contains("1 − optimizer.momentum") && html.contains("diverged"))
    #expect(try report.json().contains("\"searches\""))
  }

  @Test("results.csv has a column of each searched key, with a value in every row")
  func csv() throws {
    let rows = StudyReport(Self.study, Self.records).csv.components(separatedBy: "\r\n")
    #expect(rows[0].contains(",outcome,search.learningRate.base,search.optimizer.momentum,epochSeconds,"))
    #expect(rows.count == 1 + 12 + 4 + 1)
    let column = try #require(rows[0].split(separator: ",").firstIndex(of: "search.learningRate.base"))
    for (row, record) in zip(rows.dropFirst(), Self.records) {
      let cells = row.split(separator: ",", omittingEmptySubsequences: false)
      let rate = try #require(record.trial.settings?.values["learningRate.base"])
      #expect(Double(cells[column]) == rate && Double(cells[column - 4]) == rate)
    }
    let plain = SyntheticStudy.study()
    #expect(!StudyReport(plain, SyntheticStudy.records(of: plain)).csv.contains("search."))
  }

  @Test("A choice at the edge is a warning; a study that is under way says what lacks")
  func warnings() {
    var study = Self.study
    study.search?.ranges[0].high = 2
    let first = study.firstTrials.map {
      SyntheticStudy.record($0, of: study, accuracy: 0.7 + 0.03 * log10($0.settings!.values["learningRate.base"]!))
    }
    let words = StudyReport(study, first).terminal
    #expect(words.contains("Note: The search chose a value at the edge of what it tried at 2 of 2 places"), "\(words)")
    #expect(StudyReport(study, Array(first.prefix(3))).markdown.contains("trials not run yet"))
    let none = StudyReport(study, study.firstTrials.map { SyntheticStudy.diverged($0, of: study) })
    #expect(none.markdown.contains("every trial diverged: nothing to choose"))
  }

  @Test("Other tools are told of every trial by a name of its own")
  func export() throws {
    let stored = StoredStudy(Self.study, Self.records)
    let trained = Self.records.filter { $0.run.finalOutcome == .completed }.count
    #expect(try ToolExport(stored, for: .tensorBoard).runs >= trained)
  }
}

@Suite("Report of steps to a target") struct GoalReportTests {
  private static func study(target: Double) -> StudyConfiguration {
    SyntheticStudy.study(
      globalBatch: [16, 64, 256, 1024, 4096], scaling: ["none"], seeds: [1, 2], ranks: [1], target: target)
  }

  /// S = 200 (1 + 256 ÷ B), in the second epoch.
  private static func record(_ trial: Trial, _ study: StudyConfiguration) -> TrialRecord {
    var record = SyntheticStudy.record(trial, of: study)
    let updates = 100 * (1 + 256 / Double(trial.globalBatch)) + Double(trial.seed)
    for index in record.run.epochs.indices {
      record.run.epochs[index].validation = Quality(loss: 0.5, accuracy: index > 0 ? 0.85 : 0.5)
      record.run.epochs[index].updates = Int(updates) * (index + 1)
    }
    return record
  }

  @Test("Tables of points, fits and prices, two pictures, and what Golmant says of costs")
  func report() throws {
    let study = Self.study(target: 0.8)
    let report = StudyReport(study, study.trials.map { Self.record($0, study) })
    let markdown = report.markdown
    for text in [
      "## Steps and examples to the target", "## Critical batch", "## Time and money to the target against the batch",
      "steps-to-target.svg", "cost-of-target.svg", "Cheapest at or below the critical batch: ", "fastest above it: ",
    ] { #expect(markdown.contains(text), "\(text)") }
    let html = try report.html()
    #expect(html.contains("all, perfect") && html.contains("all, hyperbola"))
    let fit = try #require(report.summary.goals?.first?.fit)
    #expect(markdown.contains(String(Int(fit.criticalBatch.rounded()))))
  }

  @Test("A goal that nobody reaches is said, and no figure is extrapolated")
  func unreached() throws {
    let study = Self.study(target: 0.99)
    let report = StudyReport(study, study.trials.map { Self.record($0, study) })
    #expect(
      report.terminal.contains(
        "No setting reached 99.0 % test accuracy with every seed: steps, time and money to it are not known, and nothing is extrapolated."
      ))
    let markdown = report.markdown
    #expect(markdown.contains("not reached") && markdown.contains("no batch reached the target"))
    #expect(!markdown.contains("steps-to-target") && !markdown.contains("cost-of-target"))
    #expect(!markdown.contains("## Time and money to the target against"))
  }

  @Test("Three batches have no critical one")
  func few() {
    var study = Self.study(target: 0.8)
    study.axes.globalBatch = [16, 64, 256]
    let markdown = StudyReport(study, study.trials.map { Self.record($0, study) }).markdown
    #expect(markdown.contains("too few batches") && markdown.contains("No critical batch to hold that against."))
  }
}

@Suite("Verdicts of several studies") struct VerdictPageTests {
  private static func stored(_ name: String, _ claims: [StudyClaim]?) -> StoredStudy {
    var study = SyntheticStudy.study(name: name, seeds: [1, 2, 3])
    study.claims = claims
    // Seeds differ a little in how much they lose.
    let records = study.trials.map {
      SyntheticStudy.record(
        $0, of: study, accuracy: SyntheticStudy.finalAccuracy($0) - 1e-4 * Double($0.seed * UInt64($0.globalBatch) % 7))
    }
    return StoredStudy(study, records)
  }

  @Test("A row a criterion, with its interval, its verdict and what made it")
  func page() {
    func claim(_ text: String, atLeast: Double? = nil, atMost: Double? = nil) -> StudyClaim {
      StudyClaim(
        source: "A | B", text: text, published: -0.02,
        quantity: .init(
          measure: "validationAccuracy",
          of: .init(globalBatch: 1024, scaling: LearningRateConfiguration.Scaling.none), minus: .init(globalBatch: 64)),
        atLeast: atLeast, atMost: atMost)
    }
    let page = VerdictPage([
      Self.stored("first", [claim("falls", atMost: -0.05), claim("rises", atLeast: 0)]), Self.stored("second", nil),
      Self.stored("third", [claim("falls by half", atMost: -0.5)]),
    ])
    let rows = page.markdown.split(separator: "\n").filter { $0.hasPrefix("|") }.dropFirst(2)
    #expect(rows.count == 3)
    #expect(
      page.markdown.hasPrefix(
        "Claims beside what was measured here: 1 is shown, 1 is not shown and 1 is the opposite of what is shown."))
    let first = rows.first ?? ""
    for text in [
      "first", "falls (A \\| B)", "−0.02", "3 of 3 seeds within, p ", "shown", "lockstep study synthetic.yaml",
    ] {
      #expect(first.contains(text), "\(first)")
    }
    #expect(
      first.contains(
        "validationAccuracy \\[batch 1024, rate none\\] − validationAccuracy \\[batch 64\\] is at most −0.05"),
      "\(first)")
    #expect(rows.dropFirst().first?.contains("opposite") == true && rows.last?.contains("not shown") == true)
    #expect(VerdictPage([Self.stored("none", nil)]).markdown == "None of these studies has claims.")
  }
}
