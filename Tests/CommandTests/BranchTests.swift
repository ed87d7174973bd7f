import Configuration
import Foundation
import Studies
import Testing
import Training

extension CommandTests {
  /// Runs that start from a saved model that their file names, and what runs look at besides.
  @Suite(.serialized) struct Branches {
    private let model = "--set 'model={kind: mlp, widths: [8]}' --set globalBatch=64 --set microBatch=16"

    @Test func aRunStartsFromTheModelThatItsFileNames() throws {
      let (_, first) = try train(ranks: 1, "--set steps=3 \(model)")
      let option = try TemporaryFolder()
      let key = try TemporaryFolder()
      for (output, from) in [(option, "--from \(first.path)"), (key, "--set from=\(first.path)")] {
        let result = try Shell.run(
          "\(Shell.lockstep) train \(smallRun) --set steps=2 \(model) \(from) --output \(output.path)")
        try #require(result.status == 0, "\(result.text)")
      }
      let records = try [option, key].map { try RunRecord.read($0.file("run.json")) }
      #expect(records[0].weightsSHA256 == records[1].weightsSHA256)
      #expect(records[1].configuration.from == first.path)
    }

    @Test func aStudyBranchesFromASavedModel() throws {
      let (_, first) = try train(ranks: 1, "--set steps=3 --set optimizer.momentum=0")
      let folder = try TemporaryFolder()
      let command = tinyStudy.replacingOccurrences(of: "axes.globalBatch=[256]", with: "axes.globalBatch=[64,256]")
      let missing = try Shell.lockstep(ranks: 1, "\(command) --set run.from=/nowhere --output \(folder.path)")
      expectOneError(missing, ["/nowhere"])
      let study = try Shell.lockstep(ranks: 1, "\(command) --set run.from=\(first.path) --output \(folder.path)")
      try #require(study.status == 0, "\(study.text)")
      let stored = try StoredStudy(folder: folder.path)
      #expect(stored.records.map(\.run.configuration.from) == [first.path, first.path])
      #expect(folder.text(of: "report.md").contains("Critical batch"))
    }

    @Test func noiseAndDistancesAreWritten() throws {
      let (record, _) = try train(
        ranks: 2, "--set steps=20 \(model) --set 'measure={noiseScale: {everySteps: 2}, distances: {}}'")
      #expect(record.noiseAtStart?.steps == 16)
      #expect(record.epochs[0].noise?.steps == 10 && record.epochs[0].norms?.steps == 20)
      #expect(record.distances?.updates == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 16, 18, 20])
      // One is a sum over arrays, the other over the arena.
      let last = try #require(record.distances?.total.last)
      #expect(abs(last - record.epochs[0].weightDistance) < 1e-12)
    }
  }
}
