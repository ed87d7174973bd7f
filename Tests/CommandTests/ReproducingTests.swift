import Foundation
import Testing
import Training

extension CommandTests {
  /// A stored run, made again.
  @Suite(.serialized) struct Reproducing {
    private static let model =
      "--set model.widths=[64] --set globalBatch=128 --set 'optimizer={kind: adam}' --set learningRate.base=0.001"

    @Test func aStoredRunIsRunAgainToTheSameBits() throws {
      // Eight microbatches: three and three and two add up otherwise than four and four.
      let (_, folder) = try train(ranks: 2, "\(Self.model) --set microBatch=16 --set steps=60")
      let same = try Shell.lockstep(ranks: 2, "reproduce \(folder.path) --quiet")
      #expect(same.status == 0 && same.output.hasPrefix("the same: "), "\(same.text)")
      let (_, exact) = try train(ranks: 2, "\(Self.model) --set steps=60 --set execution.summation=reproducible")
      let alone = try Shell.run("\(Shell.lockstep) reproduce \(exact.path) --quiet")
      #expect(alone.status == 0 && alone.output.contains("on 1 rank"), "\(alone.text)")
      let other = try Shell.lockstep(ranks: 3, "reproduce \(folder.path) --quiet")
      #expect(other.status == 1 && other.output.contains("first difference: "), "\(other.text)")
      #expect(other.output.contains("execution.summation is fast"), "\(other.text)")
      expectOneError(try Shell.run("\(Shell.lockstep) reproduce \(folder.path)#1"), [folder.path])
    }

    @Test func aRowOfAStudyIsRunAgain() throws {
      let folder = try TemporaryFolder()
      let study =
        "\(smallStudy) --set axes.globalBatch=[64] --set axes.seed=[1,2] --set axes.scaling=[none] --set run.steps=9"
      try #require(try Shell.run("\(Shell.lockstep) \(study) --output \(folder.path)").status == 0)
      let rows = folder.text(of: "results.csv").split(separator: "\r\n")
      let again = try Shell.run("\(Shell.lockstep) reproduce \(folder.path)#2 --quiet")
      let hash = try #require(again.output.split(separator: " ").first { $0.count == 64 })
      #expect(again.status == 0 && rows[2].contains(hash) && !rows[1].contains(hash), "\(again.text)")
      expectOneError(try Shell.run("\(Shell.lockstep) reproduce \(folder.path)#3"), ["rows 1 to 2", "'3'"])
      expectOneError(try Shell.run("\(Shell.lockstep) reproduce \(folder.path)"), ["#1"])
    }

    @Test func askedToStopItDoesNotClaimToHaveSaved() throws {
      let (_, folder) = try train(ranks: 1, "\(Self.model) --set epochs=60")
      let run = try RunningCommand("exec \(Shell.lockstep) reproduce \(folder.path)")
      try run.waitForTraining()
      run.signal(SIGTERM)
      let result = try #require(try run.finish(within: 20), "the run hangs")
      #expect(result.status == 130 && result.errors.contains("stopped, as asked"), "\(result.text)")
      #expect(!result.errors.contains("saved"), "\(result.text)")
    }
  }
}
