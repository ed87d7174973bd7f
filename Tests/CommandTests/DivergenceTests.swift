import Foundation
import Studies
import Testing
import Training

extension CommandTests {
  /// A run that ends without a number is no success, and never the best.
  @Suite(.serialized) struct Divergence {
    /// One update, after which no loss would tell.
    private let lastUpdate = "--set learningRate.base=1e308 --set learningRate.warmUpEpochs=0"

    @Test(arguments: [1, 2]) func ofTheLastUpdateIsSeen(ranks: Int) throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: ranks, "train \(smallRun) --set steps=1 \(lastUpdate) --output \(folder.path)")
      #expect(result.status != 0)
      expectOneError(result, ["diverged at update 1", "weights that are not finite", "learningRate.base"])
      guard case .diverged(1, _, _) = try RunRecord.read(folder.file("run.json")).outcome else {
        Issue.record("the record says that the run completed")
        return
      }
    }

    @Test func ofTheLastUpdateIsAResultThatNeverWins() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: 1,
        "\(tinyStudy) --set axes.ranks=[1] --set run.steps=1 --set run.learningRate.base=1e308 "
          + "--set run.learningRate.warmUpEpochs=0 --output \(folder.path)")
      #expect(result.status == 0, "\(result.text)")
      let records = try StoredStudy(folder: folder.path).records
      #expect(records.allSatisfy { $0.run.outcome != .completed } && !records.isEmpty)
      #expect(folder.text(of: "report.md").contains("nothing to recommend"))
    }

    /// With the same word on any number of ranks.
    @Test func beyondReproducibleSumsIsSaid() throws {
      let clicks = try ClickRun("--rows 400 --test-rows 100 --fields 4 --dense 3 --cardinality 50 --quiet")
      let errors = try [1, 2, 3].map { ranks -> String in
        let result = try Shell.lockstep(
          ranks: ranks,
          "train \(clicks.file) --quiet --set 'model={kind: deepfm, embedding: 4, embeddingDeviation: 3e5, widths: [8]}' "
            + "--set globalBatch=100 --set microBatch=25 --set execution.summation=reproducible --output \(clicks.path("m\(ranks)"))"
        )
        expectOneError(
          result, ["diverged at update 0", "above 2047.9", "reproducible sums", "execution.summation fast"])
        let reason = try #require(result.ownErrors.first?.firstMatch(of: /a microbatch's .* fast/), "\(result.text)")
        return String(reason.0)
      }
      #expect(Set(errors).count == 1, "\(errors)")
    }
  }
}
