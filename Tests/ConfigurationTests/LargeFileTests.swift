import Configuration
import Foundation
import Testing

/// Small files that stand for much.
@Suite struct LargeFileTests {
  private let folder = ScratchFolder()

  private func error(_ text: String) throws -> String {
    let file = folder.write("run.yaml", text)
    return try #require(throws: ConfigurationError.self) { _ = try RunConfiguration.load(file: file) }.description
  }

  private static func laughs(levels: Int, each: Int, from start: String = "[x]") -> String {
    (0..<levels).reduce("a0: &a0 \(start)\n") { text, level in
      let aliases = Array(repeating: "*a\(level)", count: each).joined(separator: ", ")
      return text + "a\(level + 1): &a\(level + 1) [\(aliases)]\n"
    }
  }

  @Test(arguments: [(9, 9), (30, 2), (64, 2)]) func aliasesOfAliasesAreRefused(levels: Int, each: Int) throws {
    let start = ContinuousClock.now
    #expect(try error(Self.laughs(levels: levels, each: each)).contains("run.yaml: "))
    // As a key it would be hashed in full.
    #expect(
      try error(Self.laughs(levels: levels, each: each) + "? *a\(levels)\n: 1\n").contains("write the values out"))
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func aliasesOfAnotherKeyAreUnderstood() throws {
    let file = folder.write(
      "run.yaml",
      "model: {kind: mlp, widths: &w [4, 5]}\ndata: {path: p}\nglobalBatch: &batch 8\nmicroBatch: *batch\nepochs: 2\n")
    #expect(try RunConfiguration.load(file: file).microBatch == 8)
    #expect(try RunConfiguration.load(file: file, overrides: ["data.path=a*b"]).data.path.hasSuffix("/a*b"))
  }

  @Test(arguments: ["[", "{a: ", "- ", "? ", "a:\n"]) func deepNestingIsRefused(opening: String) throws {
    #expect(try error(String(repeating: opening, count: 200_000)).contains("run.yaml"))
  }

  @Test func aFileOfAnySizeIsNotSettings() throws {
    #expect(try error(String(repeating: "# nothing\n", count: 1 << 19)).contains("not a file of settings"))
  }

  @Test func aStudyOfEndlesslyManyTrialsIsRefused() throws {
    let numbers = (1...2000).map { "\($0)" }.joined(separator: ", ")
    let file = folder.write(
      "study.yaml",
      """
      name: endless
      run: {model: {kind: logistic}, data: {path: p}, epochs: 1}
      axes: {globalBatch: [\(numbers)], seed: [\(numbers)]}
      cost: {pricePerNodeHour: 1, ranksPerNode: 1}
      """)
    let error = try #require(throws: ConfigurationError.self) { _ = try StudyConfiguration.load(file: file) }
    #expect(error.description.contains("more than 1000000 trials"))
  }

  @Test(arguments: ["1e200", "1000000001", "-1", ".inf"]) func aPriceHasARange(price: String) throws {
    let file = folder.write(
      "study.yaml",
      """
      name: dear
      run: {model: {kind: logistic}, data: {path: p}, epochs: 1}
      axes: {globalBatch: [8]}
      cost: {pricePerNodeHour: \(price), ranksPerNode: 1}
      """)
    let error = try #require(throws: ConfigurationError.self) { _ = try StudyConfiguration.load(file: file) }
    #expect(error.description.contains("study.yaml:4: cost.pricePerNodeHour is"), "\(error)")
  }
}
