import Configuration
import Foundation
import Measurement
import StoredFiles
import Testing
import Training

/// `steps.json`, as it is written, and as a mistake may leave it.
@Suite struct RunStepsTests {
  private static let steps = RunSteps(
    firstStep: 2, steps: 5, stepsPerRow: 2,
    ranks: ["a", "b"].map { host in
      RunSteps.Rank(
        host: host, microbatches: 3,
        rows: [StepSeconds(update: 0.5, backward: 1.25), StepSeconds(load: 0.1, wait: 2), StepSeconds(wire: 1e-6)])
    }, layers: [.init(name: "dense1", floats: 32, ready: 0.25, firstPart: .init(floats: 16, ready: 0.5))],
    buckets: [.init(floats: 48, layer: 0)])

  private let folder: TemporaryFolder
  private let file: URL

  init() throws {
    folder = try TemporaryFolder()
    file = folder.file("steps.json")
    try RecordFile.encoder().encode(Self.steps).write(to: file)
  }

  @Test func earlierAccountsAreRead() throws {
    let saved = try SavedModel(StoredFiles.file("steps").path)
    #expect(try saved.check().map(\.name) == SavedFile.allCases.map(\.rawValue))
    let (record, steps) = try saved.accountOfSteps()
    #expect(steps.steps == 3 && steps.firstStep == 2 && steps.ranks.count == 2)
    #expect(try WhatIf(steps, record).measured > 0)
  }

  @Test func isReadAsItWasWritten() throws {
    #expect(try RunSteps.read(file) == Self.steps)
    #expect(Self.steps.steps(inRow: 0) == 2...3 && Self.steps.steps(inRow: 2) == 6...6)
  }

  @Test(
    arguments: [
      ("version", .replaced("2"), "an account of steps of version 2, and this Lockstep knows 1"),
      ("steps", .replaced("7"), "steps is 7, but the rows are 3 of 2 steps"),
      ("stepsPerRow", .replaced("0"), "at least 1"), ("ranks", .replaced("[]"), "empty list"),
      ("ranks[1].seconds.wait", .shortened, "ranks[1].seconds.wait has 2 values, and update has 3"),
      ("ranks[0].seconds.load[1]", .replaced("-1"), "must be from"),
      ("ranks[0].seconds.wire", .removed, "missing key 'ranks[0].seconds.wire'"),
      ("ranks[0].seconds", .added(key: "idle", json: "[]"), "unknown key 'idle'"),
      ("layers[0].floats", .replaced("4611686018427387904"), "must be at most"),
      ("layers", .replaced("[]"), "buckets[0].layer is 0, and there are 0 layers"),
      ("buckets[0].layer", .replaced("1"), "there are 1 layers"), ("firstStep", .removed, "missing key 'firstStep'"),
    ] as [(String, StoredChange, String)])
  func aChangedAccountIsRefused(path: String, change: StoredChange, words: String) throws {
    try StoredFiles.change(file, path, change)
    let error = try #require(throws: ConfigurationError.self) { try RunSteps.read(file) }.description
    #expect(error.hasPrefix(file.path) && error.contains(words) && error.hasSuffix("train again"), "\(error)")
  }

  @Test func ranksMustHaveAsManyRows() throws {
    for part in StepSeconds.Part.allCases { try StoredFiles.change(file, "ranks[1].seconds.\(part.name)", .shortened) }
    let error = try #require(throws: ConfigurationError.self) { try RunSteps.read(file) }.description
    #expect(error.contains("ranks[1] has 2 rows, and rank 0 has 3"), "\(error)")
  }

  @Test func aSlowRankIsReadAsItWasWritten() throws {
    let file = folder.file("run.json")
    try StoredFiles.copy("mlp/run.json", to: file)
    var record = try RunRecord.read(file)
    #expect(record.slowRank == nil, "from before that was looked at")
    let slow = SlowRank(
      rank: 1, host: "b", pattern: .once, cause: .input, seconds: 2.5, share: 0.25, steps: [7, 8])
    record.slowRank = slow
    try RecordFile.encoder(pretty: true).encode(record).write(to: file)
    #expect(try RunRecord.read(file).slowRank == slow)
  }
}
