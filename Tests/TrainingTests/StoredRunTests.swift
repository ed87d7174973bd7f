import Configuration
import Foundation
import Statistics
import StoredFiles
import Testing
import Training

/// `run.json` and `model.json`, as they were written in the past and as a mistake may leave them.
@Suite struct StoredRunTests {
  @Test(arguments: ["mlp", "cnn", "deepfm", "logistic", "interrupted", "diverged"])
  func earlierRunsAreRead(name: String) throws {
    let record = try RunRecord.read(StoredFiles.file("\(name)/run.json"))
    #expect(record.ranks >= 1 && record.configuration.globalBatch >= 16)
    switch name {
    case "interrupted": #expect(record.outcome == .interrupted(step: 1))
    case "diverged":
      #expect(
        record.outcome
          == .diverged(
            step: 1, rank: 0,
            reason: "the loss or the gradient is not finite; lower learningRate.base, or set optimizer.clipNorm"))
    default: #expect(record.outcome == .completed && !record.epochs.isEmpty)
    }
    if name == "deepfm" { #expect(record.configuration.seed == .max && record.ledger.tables != nil) }
  }

  /// Of changed rows, with the full one that it refers to; a change of any byte in their middle is seen.
  @Test func earlierCheckpointsAreFound() throws {
    let copy = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: copy) }
    try StoredFiles.copy("changed-rows", to: copy)
    func newest() -> (entry: CheckpointFolder.Entry?, notices: [String]) {
      var (search, notices) = (CheckpointSearch(CheckpointFolder(in: copy.path)), [String]())
      let entry = search.newest { notices.append($0) }
      return (entry, notices)
    }
    let entry = try #require(newest().entry)
    #expect(entry.path.hasSuffix(StoredFiles.changedRows) && newest().notices.isEmpty)
    let full = try #require(entry.full)
    for (path, left) in [(entry.path, full), (full, nil)] {
      let file = URL(fileURLWithPath: "\(path)/rank-0-of-1.safetensors")
      let whole = try Data(contentsOf: file)
      for place in stride(from: whole.count - 1, to: whole.count / 2, by: -101) {
        var damaged = whole
        damaged[place] ^= 1
        try damaged.write(to: file)
        #expect(newest().entry?.path == left)
        #expect(newest().notices.count == 1 && newest().notices[0].contains(file.path))
      }
      try whole.write(to: file)
    }
  }

  @Test(arguments: ["mlp", "cnn", "deepfm", "logistic"]) func earlierModelsAreRead(name: String) throws {
    let file = StoredFiles.file("\(name)/model.json")
    let model = try ModelFile.read(file)
    // Written again, it is the same to the byte.
    #expect(try model.encoded() == Data(contentsOf: file))
  }

  /// All that was saved at once, and each file by itself.
  @Test func earlierSavesAreRead() throws {
    let saved = try SavedModel(StoredFiles.file("saved").path)
    // From before the account of steps was kept.
    #expect(try saved.check().map(\.name) == SavedFile.allCases.filter { $0 != .steps }.map(\.rawValue))
    #expect(try saved.record().outcome == .completed && saved.modelFile().weightsSHA256 == saved.record().weightsSHA256)
    for name in ["mlp", "cnn", "deepfm", "logistic"] {
      #expect(try SavedModel(StoredFiles.file(name).path).check().count == 4)
    }
  }

  @Test func aRunIsWrittenAsItWasRead() throws {
    let file = StoredFiles.file("deepfm/run.json")
    #expect(try RecordFile.encoder(pretty: true).encode(RunRecord.read(file)) == Data(contentsOf: file))
  }

  /// Factors of a rule that has them, and the time of first gradients, come back; where there are none nothing is written of them.
  @Test func trustRatiosAndAscentsAreKept() throws {
    var record = try RunRecord.read(StoredFiles.file("mlp/run.json"))
    #expect(record.epochs[0].trustRatios == nil && record.epochs[0].ascentSeconds == nil)
    record.epochs[0].trustRatios = Spread(minimum: 0.001, median: 2, maximum: .infinity)
    record.epochs[0].ascentSeconds = 1.5
    let copy = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: copy) }
    try RecordFile.encoder().encode(record).write(to: copy)
    let read = try RunRecord.read(copy)
    #expect(read.epochs[0].trustRatios == record.epochs[0].trustRatios && read.epochs[0].ascentSeconds == 1.5)
  }

  @Test func stepsThatWereLeftOutAreKept() throws {
    let steps = [SkippedStep(update: 3, place: "first in the loss of microbatch 1 of 4"), SkippedStep(update: 4)]
    let file = try expectKept("skippedSteps", \.skippedSteps, steps)
    try expectRefused(file, "skippedSteps[0].update", "0", "skippedSteps[0].update is 0, but must be at least 1")
  }

  @Test func warningsAreKept() throws {
    let warnings = LearningWarning.Kind.allCases.map { LearningWarning(kind: $0, epoch: 2, words: "some \($0)") }
    let file = try expectKept("warnings", \.warnings, warnings)
    try expectRefused(file, "warnings[0].kind", "\"bored\"", "warnings[0].kind is 'bored'")
  }

  @Test func ranksThatDiedAreKept() throws {
    let loss = RankLoss(updates: 40, ranks: [0, 2], hosts: ["a", "b"], left: 2, seconds: 0.25)
    let file = try expectKept("losses", \.losses, [loss])
    try expectRefused(file, "losses[0].ranks[0]", "-1", "losses[0].ranks[0] is -1")
    try expectRefused(file, "losses[0].left", "0", "losses[0].left is 0")
    try expectRefused(file, "losses[0].seconds", "-1", "losses[0].seconds")
    try expectRefused(file, "losses[0].hosts", "[\"a\"]", "1 hosts of 2 ranks")
  }

  /// A record from before does not have it, nor a key for it; what is set is read again.
  ///
  /// - Returns: a file with it.
  private func expectKept<Value: Equatable>(
    _ key: String, _ path: WritableKeyPath<RunRecord, [Value]?>, _ values: [Value]
  ) throws -> (TemporaryFolder, URL) {
    var record = try RunRecord.read(StoredFiles.file("mlp/run.json"))
    #expect(record[keyPath: path] == nil)
    #expect(try !String(decoding: RecordFile.encoder().encode(record), as: UTF8.self).contains(key))
    record[keyPath: path] = values
    let folder = try TemporaryFolder()
    let file = folder.file("run.json")
    try RecordFile.encoder().encode(record).write(to: file)
    #expect(try RunRecord.read(file)[keyPath: path] == values)
    return (folder, file)
  }

  private func expectRefused(
    _ kept: (folder: TemporaryFolder, file: URL), _ key: String, _ value: String, _ words: String
  )
    throws
  {
    let before = try Data(contentsOf: kept.file)
    defer { try? before.write(to: kept.file) }
    try StoredFiles.change(kept.file, key, .replaced(value))
    let error = #expect(throws: (any Error).self) { try RunRecord.read(kept.file) }
    #expect("\(error!)".contains(words), "\(error!)")
  }

  @Test func stepsInARowAreCounted() {
    let steps = [2, 3, 7, 8, 9].map { SkippedStep(update: $0) }
    #expect(steps.inARow(before: 9) == 3 && steps.inARow(before: 10) == 0 && Array(steps[..<2]).inARow(before: 3) == 2)
    #expect([SkippedStep]().inARow(before: 0) == 0)
  }

  /// Hosts that share a machine are told in the record; where none do it says nothing of it, as before.
  @Test func hostsThatShareAMachineAreKept() throws {
    let file = StoredFiles.file("mlp/run.json")
    var record = try RunRecord.read(file)
    #expect(record.machine.machines == nil)
    #expect(try !String(decoding: RecordFile.encoder().encode(record), as: UTF8.self).contains("\"machines\""))
    (record.machine.nodes, record.machine.machines) = (["node0", "node1"], 1)
    let copy = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString).json")
    defer { try? FileManager.default.removeItem(at: copy) }
    try RecordFile.encoder().encode(record).write(to: copy)
    #expect(try RunRecord.read(copy).machine == record.machine)
    record.machine.machines = 3
    try RecordFile.encoder().encode(record).write(to: copy)
    #expect(throws: (any Error).self) { try RunRecord.read(copy) }
  }

  @Test func figuresOfADivergedRunMayBeNoNumbers() throws {
    let folder = try TemporaryFolder()
    let file = folder.file("run.json")
    try StoredFiles.copy("mlp/run.json", to: file)
    try StoredFiles.change(file, "epochs[1].training.loss", .replaced("\"NaN\""))
    try StoredFiles.change(file, "epochs[1].weightDistance", .replaced("\"Infinity\""))
    let epoch = try RunRecord.read(file).epochs[1]
    #expect(epoch.training.loss.isNaN && epoch.weightDistance == .infinity)
  }

  @Test(
    arguments: [
      ("version", .replaced("2"), "a run record of version 2, and this Lockstep knows 1"),
      ("version", .removed, "missing key 'version'"), ("", .added(key: "x", json: "1"), "unknown key 'x'"),
      ("ranks", .replaced("0"), "ranks is 0, but must be at least 1"),
      ("ranks", .repeated, "stands here more than once"),
      ("dataset.inputShape", .replaced("[1, 2, 3, 4, 5]"), "dataset.inputShape holds 5 values"),
      ("dataset.inputShape[0]", .replaced("-1"), "must be at least 0"),
      ("epochs[0].epoch", .replaced("2147483647"), "epochs[0].epoch is 2147483647, but must be 1"),
      ("epochs[1].updates", .replaced("1000"), "epochs[1].updates is 1000"), ("epochs", .doubled, "epochs"),
      ("epochs[0].training.accuracy", .replaced("1.5"), "must be from 0.0 to 1.0"),
      ("epochs[0].ledger.elapsed.minimum", .replaced("1e17"), "must rise"),
      ("ledger.phases.forward", .replaced("7"), "ledger.phases.forward is '7'"),
      ("ledger.samples", .replaced("9223372036854775807"), "ledger.samples"),
      ("outcome", .replaced("{}"), "needs exactly one of completed, diverged, interrupted"),
      ("configuration.microBatch", .replaced("0"), "at least 1"), ("stepsPerEpoch", .replaced("0"), "at least 1"),
      ("machine.nodes", .replaced("[1]"), "machine.nodes[0] is '1', not a text"),
    ] as [(String, StoredChange, String)])
  func aChangedRunIsRefused(path: String, change: StoredChange, words: String) throws {
    let folder = try TemporaryFolder()
    let file = folder.file("run.json")
    try StoredFiles.copy("mlp/run.json", to: file)
    try StoredFiles.change(file, path, change)
    let error = try #require(throws: ConfigurationError.self) { _ = try RunRecord.read(file) }.description
    #expect(error.hasPrefix(file.path) && error.contains(words) && error.hasSuffix("train again"), "\(error)")
  }

  @Test(
    arguments: [
      ("version", .replaced("2"), "a model of version 2"), ("inputShape", .replaced("[-1]"), "inputShape[0] is -1"),
      ("inputShape", .replaced("[1, 1, 1, 1, 1]"), "holds 5 values"),
      ("inputShape", .replaced("[268435456, 2]"), "more than 268435456 values"),
      ("inputShape", .replaced("[3]"), "schema has 2 dense values, but inputShape is [3]"),
      ("classes", .replaced("4611686018427387904"), "must be at most"), ("classes", .replaced("3"), "with ids have 2"),
      ("ghostBatch", .replaced("0"), "at least 1"), ("model.click._0.embedding", .replaced("0"), "at least 1"),
      ("model.click._0.widths[0]", .replaced("4611686018427387904"), "must be at most 1048576"),
      ("idFields.names", .shortened, "4 names, but 5 cardinalities"),
      ("idFields.cardinalities[0]", .replaced("7"), "say different things"),
      ("idFields.cardinalities[0]", .replaced("2147483647"), "ids together"),
      ("idFields", .removed, "say different things"),
      ("schema.fields[0].encoding.vocabulary.texts", .doubled, "must follow the text before it"),
      ("schema.fields[0].encoding.vocabulary.texts", .reversed, "must follow the text before it"),
      ("schema.fields[0].encoding.vocabulary.texts", .shortened, "say different things"),
      ("schema.fields[0].encoding", .replaced("{}"), "needs exactly one of integer, hash, vocabulary, buckets"),
      ("schema.dense[0].deviation", .replaced("0"), "more than 0"), ("schema.fields", .doubled, "holds a column twice"),
      ("schema.fields[3].encoding.buckets.boundaries", .reversed, "must be more than"),
    ] as [(String, StoredChange, String)])
  func aChangedModelIsRefused(path: String, change: StoredChange, words: String) throws {
    let folder = try TemporaryFolder()
    let file = folder.file("model.json")
    try StoredFiles.copy("deepfm/model.json", to: file)
    try StoredFiles.change(file, path, change)
    let error = try #require(throws: ConfigurationError.self) { _ = try ModelFile.read(file) }.description
    #expect(error.hasPrefix(file.path) && error.contains(words), "\(error)")
  }

  @Test(arguments: ["", "{", "[]", "null", "\u{0}"]) func whatIsNoRecordIsRefused(text: String) throws {
    let folder = try TemporaryFolder()
    let file = folder.file("run.json")
    try Data(text.utf8).write(to: file)
    #expect(throws: ConfigurationError.self) { _ = try RunRecord.read(file) }
    #expect(throws: ConfigurationError.self) { _ = try ModelFile.read(file) }
  }

  @Test func aFolderInItsPlaceIsRefused() throws {
    let folder = try TemporaryFolder()
    let error = try #require(throws: ConfigurationError.self) { _ = try RunRecord.read(folder.url) }
    #expect(error.description.contains("this is a folder, not a run record"))
  }
}
