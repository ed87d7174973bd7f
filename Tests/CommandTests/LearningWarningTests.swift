import Testing
import Training

extension CommandTests {
  /// A run that learns nothing is told so, with a remedy; one that learns is not.
  @Suite(.serialized) struct LearningWarnings {
    private static let run = "train \(loudRun) --set model.widths=[64] --set globalBatch=100 --set epochs=3"

    @Test func deadUnitsAreSaidOnceAndKept() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: 2, "\(Self.run) --set learningRate.base=3 --set learningRate.warmUpEpochs=0 --output \(folder.path)")
      try #require(result.status == 0, "\(result.text)")
      let warnings = try RunRecord.read(folder.file("run.json")).warnings ?? []
      #expect(warnings.map(\.kind) == [.deadUnits] && warnings[0].words.contains(" of 64 units of dense1 put out 0"))
      let said = result.text.split(separator: "\n").filter { $0.contains("put out 0 for every test sample") }
      #expect(said.count == 1 && said[0].hasPrefix("note: after epoch \(warnings[0].epoch): "), "\(result.text)")
      #expect(said.first?.contains("learningRate.base") == true)
    }

    @Test func aRunThatLearnsHasNone() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(ranks: 2, "\(Self.run) --output \(folder.path)")
      try #require(result.status == 0, "\(result.text)")
      #expect(try RunRecord.read(folder.file("run.json")).warnings == nil)
      #expect(!folder.text(of: "run.json").contains("warnings"))
      let clicks = try ClickRun()
      #expect(try clicks.train("m", "--set globalBatch=200 --set microBatch=100").warnings == nil)
    }
  }
}
