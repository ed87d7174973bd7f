import Configuration
import Foundation
import StoredFiles
import Studies
import Testing

/// `study.json` and `trials.jsonl`, as they were written in the past and as a mistake may leave them.
@Suite struct StoredStudyTests {
  @Test(arguments: [("study", 6), ("parts", 7)]) func earlierStudiesAreReadAndContinued(name: String, trials: Int)
    throws
  {
    let folder = StoredFiles.file(name).path
    let stored = try StoredStudy(folder: folder)
    #expect(stored.records.count == trials && stored.notices.isEmpty)
    try inCopy(of: name) { copy in
      let lines = try Data(contentsOf: copy.appendingPathComponent("trials.jsonl"))
      do {
        let store = try TrialStore(folder: copy.path, study: stored.study)
        #expect(store.remaining.isEmpty && store.finished.count == trials)
      }
      // Written again, it is the same to the byte.
      let files = [StoredFiles.file("\(name)/study.json"), copy.appendingPathComponent("study.json")]
      #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]))
      #expect(try Data(contentsOf: copy.appendingPathComponent("trials.jsonl")) == lines)
      var longer = stored.study
      longer.axes.seed.append(99)
      longer.parts?[1].study.axes.seed.append(99)
      #expect(try !TrialStore(folder: copy.path, study: longer).remaining.isEmpty)
    }
  }

  @Test func divergedTrialsAreAmongThem() throws {
    let records = try StoredStudy(folder: StoredFiles.file("parts").path).records
    #expect(records.filter { if case .diverged = $0.run.outcome { true } else { false } }.count == 2)
    #expect(records.filter { $0.calls != nil }.count == 3)
  }

  @Test(
    arguments: [
      ("version", .replaced("2"), "a study of version 2, and this Lockstep knows 1"),
      ("study.parts[0].name", .replaced(#""../../../x""#), "study.parts[0].name is '../../../x'"),
      ("study.cost.pricePerNodeHour", .replaced("1e200"), "study.cost.pricePerNodeHour is 1e200"),
      ("study.parts[1].study.axes.seed", .doubled, "holds 3 twice"),
      ("study.parts[1].study.axes.ranks[0]", .replaced("0"), "at least 1"),
      ("study.parts[1].study.variants", .doubled, "holds the name 'plain' twice"),
      ("study.parts[1].study.claims[0].atMost", .replaced("1"), "more than atMost"),
      ("study.run", .removed, "missing key 'study.run'"), ("study", .added(key: "new", json: "1"), "unknown key 'new'"),
    ] as [(String, StoredChange, String)])
  func aChangedStudyIsRefused(path: String, change: StoredChange, words: String) throws {
    try inCopy(of: "parts") { folder in
      let file = folder.appendingPathComponent("study.json")
      try StoredFiles.change(file, path, change)
      let error = try #require(throws: ConfigurationError.self) { _ = try StoredStudy(folder: folder.path) }.description
      #expect(error.hasPrefix(file.path) && error.contains(words), "\(error)")
    }
  }

  @Test(
    arguments: [
      ("run.ranks", .replaced("0"), "run.ranks is 0"), ("run.version", .replaced("3"), "a run record of version 3"),
      ("version", .removed, nil), ("", .added(key: "version", json: "1"), nil),
      ("", .added(key: "version", json: "2"), "a study's trial of version 2"),
      ("trial.globalBatch", .replaced("7"), "of another global batch"), ("trial", .removed, "missing key 'trial'"),
      ("modelSize.weights", .replaced("9223372036854775807"), "modelSize.weights"),
      ("calls.prediction.calls", .replaced("-1"), "at least 1"),
      ("run.startedAt", .removed, "missing key 'run.startedAt'"), ("openSeconds", .removed, nil),
    ] as [(String, StoredChange, String?)])
  func aChangedTrialIsRefusedWithItsLine(path: String, change: StoredChange, words: String?) throws {
    try inCopy(of: "parts") { folder in
      let file = folder.appendingPathComponent("trials.jsonl")
      var lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
      let node = try Data(lines[1].utf8).withUnsafeBytes { try ConfigurationNode(json: $0, source: "line") }
      lines[1] = node.json(changing: path, change)
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
      guard let words else {
        #expect(try StoredStudy(folder: folder.path).records.count == 7)
        return
      }
      let error = try #require(throws: ConfigurationError.self) { _ = try StoredStudy(folder: folder.path) }.description
      #expect(error.hasPrefix("\(file.path):2: ") && error.contains(words), "\(error)")
      #expect(error.contains("remove that line"))
    }
  }

  /// A line that was being written is no line; one that says what cannot be is never cut off in silence.
  @Test func onlyATornLastLineIsLeftOut() throws {
    try inCopy(of: "parts") { folder in
      let file = folder.appendingPathComponent("trials.jsonl")
      let whole = try Data(contentsOf: file)
      try whole.dropLast(1).write(to: file)
      #expect(try StoredStudy(folder: folder.path).records.count == 7)
      try whole.dropLast(2).write(to: file)
      #expect(try StoredStudy(folder: folder.path).notices.count == 1)
      let text = String(decoding: whole.dropLast(1), as: UTF8.self)
      let end = try #require(text.range(of: "\"ranks\":2", options: .backwards))
      try Data(text.replacingCharacters(in: end, with: "\"ranks\":0").utf8).write(to: file)
      #expect(throws: ConfigurationError.self) { _ = try StoredStudy(folder: folder.path) }
    }
  }

  private func inCopy(of name: String, _ body: (URL) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try StoredFiles.copy(name, to: folder)
    try body(folder)
  }
}
