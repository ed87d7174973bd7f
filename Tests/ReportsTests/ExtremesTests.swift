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
  private static let extremes: [any Sendable] = {
    // A debug build takes a second for a report.
    #if DEBUG
      [1e308, Int.max]
    #else
      [0, -1, 1e-308, 1e200, 1e308, -1e308, Int.max, Int.min, "NaN", "Infinity"]
    #endif
  }()

  /// Paths with one of these are like others: of a figure over ranks, a phase, a variant.
  private static let alike: Set<String> = [
    "minimum", "maximum", "load", "backward", "update", "evaluate", "checkpoint", "other", "exchangeWait", "variants",
    "inputShape",
  ]

  /// Of each kind: rank counts, a target and claims; variants; calls and parts.
  private static let studies: [(String, StudyConfiguration, [TrialRecord])] = {
    var ranks = SyntheticStudy.study(globalBatch: [64, 256], scaling: ["linear"], seeds: [1, 2], ranks: [1, 2], target: 0.7)
    ranks.claims = [
      SyntheticStudy.claim(
        "epochSeconds", over: .init(globalBatch: 64), atLeast: 0.1, atMost: 3)
    ]
    var parts = SyntheticStudy.parts(claims: [SyntheticStudy.claim("prediction.saving", atLeast: 0.1)])
    for index in parts.parts!.indices where parts.parts![index].study.calls == nil {
      parts.parts![index].study.axes = .init(globalBatch: [64, 256], scaling: [.none], seed: [1], ranks: [2])
    }
    return [
      ("ranks", ranks, SyntheticStudy.records(of: ranks)), ("parts", parts, SyntheticStudy.partRecords(of: parts)),
    ]
  }()

  @Test("Of a record", arguments: ["ranks", "parts"]) func record(kind: String) throws {
    let (_, study, records) = try #require(Self.studies.first { $0.0 == kind })
    let shown = kind == "ranks" ? Array(records.prefix(4)) : records
    let number = kind == "ranks" ? 1 : 0
    try Self.forEachChange(of: shown[number]) { changed, what in
      var all = shown
      all[number] = changed
      try Self.check(StudyReport(study, all), what)
    }
  }

  @Test("Of a study", arguments: ["ranks", "parts"]) func study(kind: String) throws {
    let (_, study, records) = try #require(Self.studies.first { $0.0 == kind })
    try Self.forEachChange(of: study) { changed, what in
      // What the ranges of a study file refuse never comes here: counts of 0 and below.
      guard changed.isPossible else { return }
      try Self.check(StudyReport(changed, records), what)
    }
  }

  @Test("A price beyond everything has its report") func price() throws {
    let study = SyntheticStudy.study(price: 1e200)
    let report = StudyReport(study, SyntheticStudy.records(of: study))
    #expect(report.markdown.contains("e1") && report.terminal.contains("e1"))
    try Self.check(report, "price")
  }

  /// Prints no number of more than a column's digits.
  private static func check(_ report: StudyReport, _ what: String) throws {
    let texts = [report.terminal, report.markdown, try report.html(), report.csv, try report.json()]
    for text in texts { #expect(text.utf8.count < 2_000_000, "\(what)") }
    for text in texts[..<2] {
      // A seed is no quantity, and is shown as it is.
      #expect(text.firstMatch(of: /[0-9,]{24}/) == nil, "\(what)")
    }
  }

  /// Calls `body` with what `value` is with each of its numbers replaced by each extreme, where that can be read at all.
  private static func forEachChange<Value: Codable>(
    of value: Value, _ body: (Value, String) throws -> Void
  ) throws {
    let object = try JSONSerialization.jsonObject(with: RecordFile.encoder().encode(value))
    for path in numbers(in: object) where alike.isDisjoint(with: path) {
      for extreme in extremes {
        let data = try JSONSerialization.data(withJSONObject: replacing(path[...], in: object, with: extreme))
        guard let changed = try? RecordFile.decoder().decode(Value.self, from: data) else { continue }
        try body(changed, "\(path.joined(separator: ".")) = \(extreme)")
      }
    }
  }

  private static func numbers(in object: Any) -> [[String]] {
    switch object {
    case let section as [String: Any]:
      section.sorted { $0.key < $1.key }.flatMap { key, value in numbers(in: value).map { [key] + $0 } }
    case let list as [Any]:
      // The entries of a list are alike.
      list.prefix(1).enumerated().flatMap { index, value in numbers(in: value).map { ["\(index)"] + $0 } }
    case is NSNumber: [[]]
    default: []
    }
  }

  private static func replacing(_ path: ArraySlice<String>, in object: Any, with value: Any) -> Any {
    guard let key = path.first else { return value }
    if var section = object as? [String: Any] {
      section[key] = section[key].map { replacing(path.dropFirst(), in: $0, with: value) }
      return section
    }
    guard var list = object as? [Any], let index = Int(key) else { return object }
    list[index] = replacing(path.dropFirst(), in: list[index], with: value)
    return list
  }
}

extension StudyConfiguration {
  /// Counts that a study file may have.
  fileprivate var isPossible: Bool {
    if let parts { return parts.allSatisfy(\.study.isPossible) }
    let counts = axes.globalBatch + (axes.ranks ?? []) + [microBatchAtMost, cost.ranksPerNode, run.learningRate.baseBatch]
    return counts.allSatisfy { (1...Int(Int32.max)).contains($0) }
      && (run.ghostBatch.map { (1...Int(Int32.max)).contains($0) } ?? true)
  }
}
