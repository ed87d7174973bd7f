import Configuration
import Foundation
import Testing

/// Learning rates of files that give none: see `docs/configuration.md`.
@Suite struct UsualRatesTests {
  private static let deepfm = "model: {kind: deepfm, widths: [4]}\n"
  private static let mlp = "model: {kind: mlp, widths: [4]}\n"

  private func read(_ text: String) throws -> RunConfiguration {
    let folder = URL(fileURLWithPath: NSTemporaryDirectory()).appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let file = folder.appendingPathComponent("run.yaml")
    try "data: {path: d}\nglobalBatch: 64\nepochs: 1\n\(text)".write(to: file, atomically: true, encoding: .utf8)
    return try RunConfiguration.load(file: file.path)
  }

  private func stored(_ run: RunConfiguration) throws -> RunConfiguration {
    let json = [UInt8](try JSONEncoder().encode(run))
    return try json.withUnsafeBytes { try RunConfiguration(ConfigurationNode(json: $0, source: "run", line: nil)) }
  }

  @Test(arguments: [("sgd", 0.1), ("lars", 0.1), ("adam", 0.001), ("adamw", 0.001), ("lamb", 0.001)])
  func ofDenseWeights(kind: String, rate: Double) throws {
    let optimizer = Self.mlp + "optimizer: {kind: \(kind)}\n"
    for text in [optimizer, optimizer + "learningRate: {schedule: cosine}\n"] {
      let run = try read(text)
      #expect(run.learningRate.base == rate && run.tables.baseRate == nil)
      #expect(try stored(run) == run)
    }
    #expect(try read(optimizer + "learningRate: {base: 0.3}\n").learningRate.base == 0.3)
  }

  @Test(arguments: [
    ("sgd", 0.1), ("ftrl", 0.1), ("adagrad", 0.01), ("rowwiseAdagrad", 0.01), ("adam", 0.001), ("lazyAdam", 0.001),
  ])
  func ofTables(rule: String, rate: Double) throws {
    let tables = "tables: {optimizer: \(rule)}\n"
    for kind in ["sgd", "adam"] {
      let run = try read(Self.deepfm + tables + "optimizer: {kind: \(kind)}\n")
      #expect(run.tableRate.base == rate && run.learningRate.base == (kind == "sgd" ? 0.1 : 0.001))
      #expect(try stored(run) == run && stored(run).tableRate.base == rate)
      // A rate that is named is for both.
      let named = try read(Self.deepfm + tables + "optimizer: {kind: \(kind)}\nlearningRate: {base: 0.02}\n")
      #expect(named.tableRate == named.learningRate && named.tables.baseRate == nil)
    }
    let own = try read(Self.deepfm + "tables: {optimizer: \(rule), learningRate: {baseBatch: 8}}\n")
    #expect(own.tableRate == LearningRateConfiguration(base: rate, baseBatch: 8))
  }

  /// All but the base follows the dense weights' rate, in studies that vary it too.
  @Test func tablesFollowInAllElse() throws {
    var run = try read(
      Self.deepfm + "learningRate: {base: 0.1, schedule: cosine}\ntables: {baseRate: 0.02}\n")
    run.learningRate.scaling = .linear
    #expect(
      run.tableRate == LearningRateConfiguration(base: 0.02, scaling: .linear, baseBatch: 64, schedule: .cosine))
    let error = try #require(throws: ConfigurationError.self) {
      _ = try read(Self.deepfm + "tables: {baseRate: 0.02, learningRate: {base: 0.1}}\n")
    }
    #expect("\(error)".contains("run.yaml:5: tables.baseRate is for tables that follow learningRate"))
  }

  @Test func aRateOfTheirOwnBeginsWhereThatOfTheDenseWeightsDoes() throws {
    let own = "tables: {optimizer: adagrad, learningRate: {schedule: cosine}}\n"
    #expect(try read(Self.deepfm + "learningRate: {base: 0.3}\n" + own).tableRate.base == 0.3)
    // Where the file names none, the rule's.
    #expect(try read(Self.deepfm + own).tableRate.base == 0.01)
  }

  /// As records hold it that were written before there was a rate for each rule.
  @Test func storedRatesStayWhatTheyWere() throws {
    var run = try read(Self.deepfm + "optimizer: {kind: adam}\n")
    run.learningRate.base = 0.1
    let again = try stored(run)
    #expect(again == run && again.tableRate.base == 0.1)
  }
}
