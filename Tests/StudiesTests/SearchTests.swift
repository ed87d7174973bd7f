import Configuration
import Foundation
import Studies
import SyntheticStudies
import Testing
import Training

/// Settings that are tried at every place, and results with what was chosen.
@Suite("Searches") struct SearchTests {
  static func study(
    trials: Int = 4, seeds: [Int] = [1, 2], ranks: [Int] = [2], target: Double? = nil, globalBatch: [Int] = [64, 256]
  ) -> StudyConfiguration {
    var study = SyntheticStudy.study(
      globalBatch: globalBatch, scaling: ["none"], seeds: seeds, ranks: ranks, target: target)
    study.search = StudySearch(
      trials: trials, seed: 9, ranges: [.init(key: "learningRate.base", scale: .log, low: 1e-3, high: 10)])
    return study
  }

  /// Best at the rate nearest to 0.1, diverged above 3.
  static func accuracy(_ rate: Double) -> Double? { rate > 3 ? nil : 0.9 - 0.05 * abs(log10(rate / 0.1)) }

  static func rate(_ trial: Trial) -> Double { trial.settings?.values["learningRate.base"] ?? .nan }

  static func record(_ trial: Trial, of study: StudyConfiguration) -> TrialRecord {
    accuracy(rate(trial)).map { SyntheticStudy.record(trial, of: study, accuracy: $0) }
      ?? SyntheticStudy.diverged(trial, of: study)
  }

  /// As a job does: everything that is known, until nothing is left.
  static func run(_ study: StudyConfiguration, after: [TrialRecord] = []) -> [TrialRecord] {
    var records = after
    while let next = study.plan(after: records).first(where: { trial in
      trial.settings != nil && !records.contains { $0.trial == trial }
    }) { records.append(record(next, of: study)) }
    return records
  }

  @Test("First every setting at every place with the search's seed, then the chosen one with the study's")
  func phases() throws {
    let study = Self.study()
    let first = study.firstTrials
    #expect(first.count == 2 * 4 && Set(first.map(\.seed)) == [9] && study.trials.count == 4)
    for batch in [64, 256] {
      let settings = first.filter { $0.globalBatch == batch }.compactMap(\.settings)
      #expect(settings == study.search?.settings)
    }
    let run = try #require(study.run(for: first[0]))
    #expect(run.learningRate.base == Self.rate(first[0]) && run.seed == 9)
    var same = run
    same.learningRate.base = study.run.learningRate.base
    #expect(same == study.run(at: first[0].values, largestRankCount: 2))
    // Results stand in the plan from the start, and have no settings yet.
    #expect(study.plan(after: []).map(\.settings) == first.map(\.settings) + [nil, nil, nil, nil])
    let records = Self.run(study)
    #expect(records.count == 8 + 4 && StoredStudy(study, records).missing.isEmpty)
    let results = records.suffix(4)
    #expect(Set(results.map(\.trial.seed)) == [1, 2] && Set(results.compactMap { $0.trial.settings }).count == 1)
    let best = try #require(
      study.search?.settings.max {
        Self.accuracy($0.values["learningRate.base"]!) ?? 0 < Self.accuracy($1.values["learningRate.base"]!) ?? 0
      })
    #expect(results.allSatisfy { $0.trial.settings == best })
    #expect(results.allSatisfy { $0.run.configuration.learningRate.base == best.values["learningRate.base"] })
  }

  @Test("Ranks only execute: a place has one search, on the most of them")
  func ranks() {
    let study = Self.study(ranks: [1, 2])
    #expect(study.firstTrials.count == 2 * 4 && study.firstTrials.allSatisfy { $0.ranks == 2 })
    let results = Self.run(study).suffix(8)
    #expect(Set(results.map(\.trial.ranks)) == [1, 2] && Set(results.map { Self.rate($0.trial) }).count == 1)
  }

  @Test("The summary is of results alone, with what was found beside it; trials that diverged count and are shown")
  func summary() throws {
    let study = Self.study(trials: 16)
    let records = Self.run(study)
    let summary = StudySummary(study, records)
    #expect(summary.points.map(\.place.globalBatch) == [64, 256] && summary.points.allSatisfy { $0.seeds == [1, 2] })
    #expect(summary.finishedTrials == 4 && summary.missingTrials == 0 && summary.provenance.seeds == [1, 2])
    let finding = try #require(summary.searches?.first)
    let lost = study.search!.settings.filter { $0.values["learningRate.base"]! > 3 }.count
    #expect(lost > 0 && finding.diverged == lost && finding.tried.count == 16 && finding.missing == 0)
    let rate = try #require(finding.winner?.settings.values["learningRate.base"])
    #expect(summary.points.allSatisfy { $0.learningRate == rate } && finding.atEdge.isEmpty && !finding.byTarget)
    #expect(StudySummary(study, Array(records.prefix(20))).missingTrials == 32 - 20 + 4)
  }

  @Test("The least or largest value tried is at the edge")
  func edge() throws {
    var study = Self.study()
    study.search?.ranges[0].low = 0.5
    let finding = try #require(StudySummary(study, Self.run(study)).searches?.first)
    #expect(finding.atEdge == ["learningRate.base"])
    let rates = study.search!.settings.map { $0.values["learningRate.base"]! }
    #expect(finding.winner?.settings.values["learningRate.base"] == rates.min())
  }

  @Test("With a target the fewest updates decide, and where none reached it the best quality")
  func byTarget() throws {
    let study = Self.study(trials: 8, target: 0.7)
    let records = study.firstTrials.map { trial -> TrialRecord in
      var record = SyntheticStudy.record(trial, of: study, accuracy: Self.accuracy(Self.rate(trial)) ?? 0.3)
      // The quickest is the largest rate that is not above 3, which ends worse than others.
      let isQuick = Self.rate(trial) > 1 && Self.rate(trial) < 3 && trial.globalBatch == 64
      for index in record.run.epochs.indices {
        let accuracy = isQuick ? 0.75 : trial.globalBatch == 64 && index == 3 ? 0.8 : 0.5
        record.run.epochs[index].validation = Quality(loss: 0.5, accuracy: accuracy)
      }
      if trial.globalBatch == 256 {
        record.run.epochs[3].validation = Quality(loss: 0.5, accuracy: 0.69 - 0.01 * abs(log10(Self.rate(trial))))
      }
      return record
    }
    let found = try #require(StudySummary(study, records).searches)
    #expect(try found[0].byTarget && (1...3).contains(#require(found[0].winner?.settings.values["learningRate.base"])))
    #expect(!found[1].byTarget)
    let nearest = study.search!.settings.map { $0.values["learningRate.base"]! }.min { abs(log10($0)) < abs(log10($1)) }
    #expect(found[1].winner?.settings.values["learningRate.base"] == nearest)
  }

  @Test("Where every trial diverged nothing is chosen and nothing is left to run")
  func hopeless() throws {
    let study = Self.study()
    let records = study.firstTrials.map { trial in
      trial.globalBatch == 64 ? SyntheticStudy.diverged(trial, of: study) : Self.record(trial, of: study)
    }
    #expect(study.plan(after: records).count == 8 + 2)
    let whole = Self.run(study, after: records)
    #expect(StoredStudy(study, whole).missing.isEmpty && whole.count == 10)
    let summary = StudySummary(study, whole)
    #expect(summary.missingTrials == 0 && summary.searches?[0].chosen == nil && summary.searches?[0].diverged == 4)
  }

  @Test("More trials keep those that there are; where another setting is then chosen its results run anew")
  func grown() throws {
    let records = Self.run(Self.study(trials: 3))
    let more = Self.study(trials: 16)
    let missing = StoredStudy(more, records).missing
    #expect(missing.filter { $0.settings != nil && $0.seed == 9 }.count == 2 * 13)
    let whole = Self.run(more, after: records)
    let summary = StudySummary(more, whole)
    let chosen = try #require(summary.searches?.first?.winner?.settings)
    #expect(chosen != records.last?.trial.settings)
    // Those of the earlier choice are in no figure.
    #expect(more.results(whole).count == 4 && whole.count == 2 * 16 + 4 + 4)
    #expect(
      more.results(whole).allSatisfy { $0.run.configuration.learningRate.base == chosen.values["learningRate.base"] })
  }

  @Test("What is stored is read again; a study of other ranges is another study, one of more trials is not")
  func stored() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("search-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let study = Self.study()
    let records = Self.run(study)
    do {
      let store = try TrialStore(folder: folder, study: study)
      #expect(store.trials.count == 12 && store.remaining.count == 12)
      for record in records.prefix(9) { try store.append(record) }
      #expect(store.remaining.count == 3 && store.remaining.allSatisfy { $0.settings != nil })
    }
    let stored = try StoredStudy(folder: folder)
    #expect(stored.records.map(\.trial) == records.prefix(9).map(\.trial) && stored.study == study)
    #expect(stored.missing == Array(study.plan(after: records).suffix(3)))
    #expect(try TrialStore(folder: folder, study: Self.study(trials: 6)).remaining.count == 4 + 4)
    var wider = study
    wider.search?.ranges[0].high = 100
    let error = #expect(throws: StudyError.self) { _ = try TrialStore(folder: folder, study: wider) }
    #expect(
      error?.description.contains(
        "run.learningRate.base is searched by search.learningRate.base {log: [0.001, 10.0]} there") == true)
    var none = study
    none.search = nil
    #expect(throws: StudyError.self) { _ = try TrialStore(folder: folder, study: none) }
  }

  @Test("A share has whole places: it never waits for another's trials")
  func shares() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("shares-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let study = Self.study(globalBatch: [64, 256, 1024])
    var all: [Trial] = []
    for share in ["1/2", "2/2"] {
      let store = try TrialStore(folder: folder, study: study, share: try StudyShare(share))
      while let next = store.remaining.first {
        #expect(next.settings != nil, "a share waits")
        try store.append(Self.record(next, of: study))
      }
      let own = store.trials
      #expect(Set(own.map(\.globalBatch)) == (share == "1/2" ? [64, 1024] : [256]))
      all += own
    }
    #expect(all.count == 3 * (4 + 2) && Set(all).count == all.count)
    #expect(try StoredStudy(folder: folder).missing.isEmpty)
  }

  @Test("A part that searches beside one that does not")
  func parts() throws {
    var whole = SyntheticStudy.parts()
    whole.parts?[1].study.search = StudySearch(
      trials: 3, seed: 9, ranges: [.init(key: "learningRate.base", scale: .log, low: 1e-3, high: 10)])
    let first = whole.firstTrials
    // Four calls; at each of two variants' places (batches 64, 256 and 1,024, of which the last two have two rules) three settings.
    #expect(first.filter { $0.part == "calls" }.count == 4 && first.filter { $0.part == "batch" }.count == 10 * 3)
    #expect(first.allSatisfy { ($0.settings == nil) == ($0.part == "calls") })
    #expect(Set(first).count == first.count && whole.ordered(first).count == first.count)
    let records = first.map { trial -> TrialRecord in
      guard let owner = whole.owner(of: trial) else { preconditionFailure() }
      var inner = trial
      inner.part = nil
      var record = owner.calls == nil ? Self.record(inner, of: owner) : SyntheticStudy.call(inner, of: owner)
      record.trial = trial
      return record
    }
    let results = whole.plan(after: records).suffix(20)
    #expect(results.allSatisfy { $0.part == "batch" && $0.settings != nil && $0.seed != 9 })
    let chapters = StudyChapter.of(whole, records)
    #expect(StudySummary(chapters[1].study, chapters[1].records).searches?.count == 10)
  }

  @Test("Trials are shuffled in each phase, the same each time")
  func order() {
    let study = Self.study(trials: 12)
    let first = study.ordered(study.firstTrials)
    #expect(
      first != study.firstTrials && Set(first) == Set(study.firstTrials) && first == study.ordered(study.firstTrials))
    let results = Array(study.plan(after: Self.run(study)).suffix(4))
    #expect(study.ordered(results).map { $0.globalBatch } == study.ordered(study.trials).map { $0.globalBatch })
  }

  @Test("Trials of settings are timed with nobody else's work")
  func rounds() {
    var study = Self.study(seeds: [1])
    study.timing = StudyTiming(interval: 1e-9, atMost: 3)
    let records = Self.run(study)
    let own = study.plan(after: records).filter { !study.isSearch($0) }
    let rounds = TimingRounds(study: study, trials: own)
    let next = rounds.next(records)
    #expect(next?.trial.settings != nil && next?.round == 1)
    #expect(rounds.next(Array(records.prefix(8))) == nil)
  }
}
