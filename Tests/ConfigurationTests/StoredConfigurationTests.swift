import Configuration
import Foundation
import StoredFiles
import Testing

/// A configuration that Lockstep stored is read by the rules of run and study files.
@Suite struct StoredConfigurationTests {
  /// A run with everything that a run can have.
  private static let run: RunConfiguration = {
    var run = RunConfiguration(
      model: .click(ClickModelConfiguration(kind: .dlrm, embedding: 8, widths: [4], bottomWidths: [8], dropout: 0.1)),
      data: DataConfiguration(path: "relative/stays", fallback: "other", limit: 5, classes: 2, schema: "s.yaml"),
      globalBatch: 32, microBatch: 16, epochs: 3, seed: .max)
    run.steps = 7
    run.ghostBatch = 4
    run.learningRate.schedule = .steps
    run.learningRate.milestones = [1, 2.5]
    run.tables.cowClip = .init()
    run.tables.learningRate = LearningRateConfiguration(base: 1e30, scaling: .squareRoot, baseBatch: 8)
    run.optimizer.clipNorm = 3
    run.optimizer.halfLife = .samples
    run.batchSchedule = BatchScheduleConfiguration(milestones: [1, 2], factor: 1.5, atMost: 64, scaling: .squareRoot)
    run.regimeBatch = 16
    run.execution.threads = 2
    run.contrastive = ContrastiveConfiguration(
      temperature: 0.1, head: [4, 2], negatives: 8, neighbours: 1, references: 9)
    return run
  }()

  @Test(
    arguments: [
      .mlp(widths: [4, 5], batchNorm: true, dropout: 0.5), .cnn(filters: [3], hidden: 4, batchNorm: false, dropout: 0),
      .logistic, .click(ClickModelConfiguration(kind: .factorizationMachine)), .custom("mine"),
      .resnet(depth: 8, width: 2), .resnet(depth: 8, width: 2, normalization: .group),
      .resnet(depth: 8, width: 2, normalization: .nothing), .keskarC1, .layers(LayerListTests.read),
      .click(ClickModelConfiguration(kind: .dcnv2, widths: [4], crossLayers: 2)),
    ] as [ModelConfiguration])
  func everyModelComesBack(model: ModelConfiguration) throws {
    var run = Self.run
    run.model = model
    #expect(try stored(run) == run)
  }

  @Test func everythingComesBack() throws { #expect(try stored(Self.run) == Self.run) }

  @Test func absentKeysTakeTheirDefaults() throws {
    let text = #"{"model": {"mlp": {"widths": [4]}}, "data": {"path": "p"}, "globalBatch": 8, "epochs": 2}"#
    let expected = RunConfiguration(
      model: .mlp(widths: [4], batchNorm: false, dropout: 0), data: DataConfiguration(path: "p"), globalBatch: 8,
      epochs: 2)
    #expect(try stored(text) == expected)
  }

  @Test(arguments: [
    ("globalBatch", "0", "globalBatch is 0, but must be at least 1"),
    ("epochs", "2147483648", "epochs is 2147483648, but must be at most 2147483647"),
    ("seed", "-1", "seed is '-1', not a whole number from 0"), ("model.click._0.widths", "[]", "empty list"),
    ("model.click._0.embedding", "4611686018427387904", "but must be at most 4096"),
    ("model", #"{"mlp": {"widths": [0]}}"#, "model.mlp.widths[0] is 0"),
    ("model", #"{"mlp": {"widths": [4]}, "logistic": {}}"#, "model needs exactly one of layers, mlp"),
    ("model", #"{"cnn": {"filters": [4], "hidden": 9223372036854775807}}"#, "model.cnn.hidden"),
    ("learningRate.warmUpEpochs", "1e308", "learningRate.warmUpEpochs is 1e308"),
    ("learningRate.base", "\"NaN\"", "not a number"), ("execution.threads", "0", "at least 1"),
    ("execution.bucketBytes", "0", "at least 1"), ("optimizer.kind", "\"sdg\"", "did you mean 'sgd'"),
    ("optimizer.momentum", "1", "less than 1"), ("ghostBatch", "5", "does not divide microBatch"),
    ("data.path", "\"\"", "not a text"), ("tables.cowClip.ratio", "0", "more than 0"),
  ])
  func everyValueIsHeldToItsRange(path: String, json: String, words: String) throws {
    let text = String(decoding: try JSONEncoder().encode(Self.run), as: UTF8.self)
    let error = try #require(throws: ConfigurationError.self) { _ = try stored(text, path, .replaced(json)) }
    #expect(error.description.hasPrefix("run.json:1: ") && error.description.contains(words), "\(error)")
  }

  @Test func unknownAndRepeatedKeysAreRefusedByName() throws {
    let text = String(decoding: try JSONEncoder().encode(Self.run), as: UTF8.self)
    let unknown = try #require(throws: ConfigurationError.self) {
      _ = try stored(text, "optimizer", .added(key: "momentun", json: "1"))
    }
    #expect(unknown.description.contains("unknown key 'momentun' (did you mean 'momentum'?)"))
    #expect(throws: ConfigurationError.self) { _ = try stored(text, "epochs", .repeated) }
    #expect(throws: ConfigurationError.self) { _ = try stored(text, "globalBatch", .removed) }
  }

  /// More is never filled and would only take memory.
  @Test(
    arguments: [("32", nil, 32), ("2147483647", nil, 32), ("2000000", 5, 35), ("16", 4, 16)] as [(String, Int?, Int)])
  func aMicroBatchIsAtMostTheGlobalBatch(microBatch: String, ghost: Int?, expected: Int) throws {
    let ghostKey = ghost.map { ", \"ghostBatch\": \($0)" } ?? ""
    let text = """
      {"model": {"logistic": {}}, "data": {"path": "p"}, "globalBatch": 32, "epochs": 1, "microBatch": \(microBatch)\(ghostKey)}
      """
    #expect(try stored(text).microBatch == expected)
    let folder = ScratchFolder()
    let file = folder.write(
      "run.yaml",
      "model: {kind: logistic}\ndata: {path: p}\nglobalBatch: 32\nepochs: 1\nmicroBatch: \(microBatch)\n"
        + (ghost.map { "ghostBatch: \($0)\n" } ?? ""))
    #expect(try RunConfiguration.load(file: file).microBatch == expected)
  }

  @Test(arguments: ["../../../x", "a/b", "", "ü", "a b"]) func aStoredPartsNameIsHeldToTheRule(name: String) throws {
    let data = try Data(contentsOf: StoredFiles.file("parts/study.json"))
    let node = try data.withUnsafeBytes { try ConfigurationNode(json: $0, source: "study.json") }
    let text = node.json(changing: "study.parts[0].name", .replaced(ConfigurationNode.quoted(name)))
    let changed = try Data(text.utf8).withUnsafeBytes { try ConfigurationNode(json: $0, source: "study.json") }
    let study = try #require(try changed.entries().first { $0.key == "study" }?.value)
    let error = try #require(throws: ConfigurationError.self) { _ = try StudyConfiguration(study) }
    #expect(error.description.contains("study.parts[0].name"))
  }

  private func stored(_ text: String, _ path: String = "-", _ change: StoredChange = .removed) throws
    -> RunConfiguration
  {
    let node = try Data(text.utf8).withUnsafeBytes { try ConfigurationNode(json: $0, source: "run.json") }
    let changed = Data(node.json(changing: path, change).utf8)
    return try changed.withUnsafeBytes { try RunConfiguration(ConfigurationNode(json: $0, source: "run.json")) }
  }

  private func stored(_ run: RunConfiguration) throws -> RunConfiguration {
    try stored(String(decoding: try JSONEncoder().encode(run), as: UTF8.self))
  }
}
