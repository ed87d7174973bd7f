import Configuration
import Foundation
import Reports
import Studies
import SyntheticStudies
import Testing
import Training

/// A report is a total function: whatever number stands in a stored study or record, one comes of it, in bounded time
/// and size.
@Suite("Reports of extreme numbers")
struct ExtremesTests {
  private static let study: StudyConfiguration = {
    var study = SyntheticStudy.study(
      globalBatch: [64, 256], scaling: ["linear"], seeds: [1, 2], ranks: [1, 2], target: 0.7)
    study.claims = [
      SyntheticStudy.claim("epochSeconds", over: .init(globalBatch: 64), atLeast: 0.1, atMost: 3),
      paired("validationAccuracy", minus: .init(globalBatch: 64)), paired("epochSeconds", over: .init(globalBatch: 64)),
      paired("validationLoss", minus: .init(globalBatch: 64), over: .init(globalBatch: 256)),
      SyntheticStudy.claim("goal.knee", overMeasure: "goal.fastestBatch", atLeast: 1),
    ]
    return study
  }()
  private static let records = SyntheticStudy.records(of: study)

  private static func paired(
    _ measure: String, minus: StudyClaim.Place? = nil, over: StudyClaim.Place? = nil
  ) -> StudyClaim {
    var claim = SyntheticStudy.claim(measure, over: over, atLeast: -0.1, atMost: 3)
    (claim.quantity.minus, claim.paired) = (minus, true)
    return claim
  }

  @Test("Of a study that searches", arguments: Extremes.doubles) func ofSearch(value: Double) throws {
    var study = Self.study
    study.search = StudySearch(
      trials: 3, seed: 9, ranges: [.init(key: "learningRate.base", scale: .log, low: 1e-3, high: 10)])
    let first = study.firstTrials.map { SyntheticStudy.record($0, of: study) }
    let records = first + study.plan(after: first).suffix(8).map { SyntheticStudy.record($0, of: study) }
    for path in [
      \TrialRecord.run.epochs[3].validation!.accuracy, \.run.epochs[0].seconds, \.run.configuration.learningRate.base,
    ] {
      for index in [0, records.count - 1] {
        var changed = records
        changed[index] = changed[index].with(path, value)
        try Self.check(StudyReport(study, changed), "\(path) = \(value)")
      }
    }
    var changed = records
    for index in changed.indices { changed[index].trial.settings?.values["learningRate.base"] = value }
    try Self.check(StudyReport(study, changed), "settings \(value)")
  }

  @Test("Of a record", arguments: Extremes.inRecords.indices) func ofRecord(index: Int) throws {
    for value in Extremes.doubles { try Self.check(Extremes.inRecords[index], value) }
  }

  @Test("Of a record's counts", arguments: Extremes.countsInRecords.indices) func ofCounts(index: Int) throws {
    for value in Extremes.integers { try Self.check(Extremes.countsInRecords[index], value) }
  }

  @Test("Of records that all say so") func ofAll() throws {
    for path in Extremes.inRecords {
      for value in [1e308, -1e308, 1e-308] {
        let changed = Self.records.map { $0.with(path, value) }
        try Self.check(StudyReport(Self.study, changed), "\(path) = \(value) in all")
        try Self.checkComparison(changed, "\(path) = \(value) in all")
      }
    }
  }

  @Test("Of timed calls", arguments: Extremes.doubles) func ofCalls(value: Double) throws {
    var parts = SyntheticStudy.parts(claims: [SyntheticStudy.claim("prediction.saving", atLeast: 0.1)])
    parts.parts?.removeLast()
    let records = SyntheticStudy.partRecords(of: parts)
    let paths: [WritableKeyPath<TrialRecord, Double>] = [
      \.calls!.prediction!.medianSeconds, \.calls!.prediction!.cpuSeconds, \.calls!.training!.medianSeconds,
    ]
    for path in paths {
      for number in 0..<2 {
        var changed = records
        changed[number] = changed[number].with(path, value)
        try Self.check(StudyReport(parts, changed), "\(path) = \(value)")
      }
    }
    for batch in [Int.max, Int.max / 5, Int.max / 5 + 1] {
      var changed = records
      for number in changed.indices { changed[number].trial.globalBatch = batch / (number + 1) }
      try Self.check(StudyReport(parts, changed), "examples \(batch)")
    }
  }

  @Test("Of a study", arguments: Extremes.doubles) func ofStudy(value: Double) throws {
    let paths: [WritableKeyPath<StudyConfiguration, Double>] = [
      \.cost.pricePerNodeHour, \.run.learningRate.base, \.run.optimizer.momentum,
    ]
    for path in paths {
      var study = Self.study
      study[keyPath: path] = value
      try Self.check(StudyReport(study, Self.records), "\(path) = \(value)")
    }
    var study = Self.study
    study.target?.validationAccuracy = value
    study.claims?[0].atLeast = value
    study.claims?[0].published = value
    try Self.check(StudyReport(study, Self.records), "target \(value)")
    for count in [1, Int(Int32.max), Int.max] {
      var study = Self.study
      study.cost.ranksPerNode = count
      study.run.learningRate.baseBatch = count
      try Self.check(StudyReport(study, Self.records), "ranksPerNode \(count)")
    }
  }

  @Test("A price beyond everything has its report") func price() throws {
    var study = Self.study
    study.cost.pricePerNodeHour = 1e200
    let report = StudyReport(study, Self.records)
    #expect(report.markdown.contains("e19") && report.terminal.contains("e19"))
  }

  private static func check<Value>(_ path: WritableKeyPath<TrialRecord, Value>, _ value: Value) throws {
    var changed = records
    changed[1] = changed[1].with(path, value)
    try check(StudyReport(study, changed), "\(path) = \(value)")
    try checkComparison(changed, "\(path) = \(value)")
  }

  /// Beside the study as it was; other data are refused.
  private static func checkComparison(_ changed: [TrialRecord], _ what: String) throws {
    let compared = ComparedStudy.named(
      zip(["a", "b"], [records, changed]).map { (folder: $0, stored: StoredStudy(study, $1)) })
    do {
      let report = ComparisonReport(try StudyComparison(compared), command: "lockstep report a b")
      try check([report.terminal, report.markdown, report.csv, try report.json()], what)
    } catch let error as StudyError {
      #expect(error.description.contains("does not compare") || error.description.contains("no setting in common"))
    }
  }

  /// In all its forms, none of which prints a number of more than a column's digits.
  private static func check(_ report: StudyReport, _ what: String) throws {
    try check([report.terminal, report.markdown, try report.html(), report.csv, try report.json()], what)
  }

  private static func check(_ texts: [String], _ what: String) throws {
    for text in texts { #expect(text.utf8.count < 2_000_000, "\(what)") }
    for text in texts[..<2] { #expect(text.firstMatch(of: /[0-9,]{24}/) == nil, "\(what)") }
  }
}

extension TrialRecord {
  fileprivate func with<Value>(_ path: WritableKeyPath<TrialRecord, Value>, _ value: Value) -> TrialRecord {
    var changed = self
    changed[keyPath: path] = value
    return changed
  }
}

/// Numbers, and where to put them.
private enum Extremes {
  static let doubles: [Double] = [
    0, -1, 1e-308, 1e200, 1e308, -1e308, .nan, .infinity, -.infinity, .greatestFiniteMagnitude, .leastNonzeroMagnitude,
  ]
  static let integers = [0, -1, Int.max, Int.min, Int(Int32.max)]

  /// A figure that a record's reader lets through must not upset a report, nor one that it does not: these are set past
  /// it.
  static var inRecords: [WritableKeyPath<TrialRecord, Double>] {
    [
      \.run.samplesPerSecond, \.run.epochs[0].seconds, \.run.epochs[1].samplesPerSecond, \.run.epochs[1].learningRate,
      \.run.epochs[1].training.loss, \.run.epochs[1].training.accuracy, \.run.epochs[1].weightDistance,
      \.run.epochs[3].validation!.loss, \.run.epochs[3].validation!.accuracy, \.run.epochs[0].validation!.loss,
      \.run.epochs[0].ledger.elapsed.median, \.run.epochs[0].ledger.phases["exchangeWire"]!.median,
      \.run.epochs[0].ledger.exchangeExposed.median, \.run.epochs[0].ledger.cpuSeconds.median,
      \.run.ledger.elapsed.median, \.run.ledger.phases["exchangeWire"]!.median, \.run.ledger.peakMemoryBytes.maximum,
      \.run.configuration.learningRate.base,
    ]
  }

  static var countsInRecords: [WritableKeyPath<TrialRecord, Int>] {
    [
      \.trial.globalBatch, \.trial.ranks, \.run.ranks, \.run.threadsPerRank, \.run.updates, \.run.stepsPerEpoch,
      \.run.epochs[0].epoch, \.run.epochs[3].epoch, \.run.epochs[0].updates, \.run.epochs[0].ledger.steps,
      \.run.epochs[0].ledger.samples, \.run.epochs[0].ledger.exchangedBytes, \.run.ledger.exchangedBytes,
      \.run.ledger.exchangedMessages, \.run.ledger.steps, \.run.dataset.trainingSamples,
      \.run.dataset.validationSamples, \.run.dataset.classes, \.run.model.parameters, \.run.model.gradientBytes,
      \.run.machine.coresPerNode, \.run.machine.memoryBytesPerNode, \.run.configuration.microBatch,
    ]
  }
}
