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

    /// Clicks of which one row has a price that no product of two numbers survives.
    private func clicksWithAnOutlier() throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      let rows = (0..<800).map { row in
        "u\(row * 13 % 101),\(row % 3 == 0 ? 1 : 0),\(row == 371 ? 1e36 : Double(row % 97) / 97)\n"
      }
      let files = [
        ("train.csv", "user,bought,price\n" + rows.joined()),
        ("test.csv", "user,bought,price\n" + rows[..<200].joined()),
        ("schema.yaml", "{name: shop, format: csv, label: bought, dense: [price], ids: {user: {hash: 50}}}"),
        (
          "run.yaml",
          """
          model: {kind: dcnv2, embedding: 4, widths: [8]}
          data: {path: data}
          globalBatch: 100
          epochs: 2
          optimizer: {kind: adam}
          learningRate: {base: 0.001}
          """
        ),
      ]
      for (name, text) in files { try text.write(to: folder.file(name), atomically: true, encoding: .utf8) }
      let result = try Shell.run(
        "cd \(folder.path) && \(Shell.lockstep) convert train.csv data --schema schema.yaml --test test.csv")
      try #require(result.status == 0, "\(result.text)")
      return folder
    }

    @Test func aStepThatIsNotFiniteIsLeftOutWhereAskedFor() throws {
      let folder = try clicksWithAnOutlier()
      let run = "train \(folder.file("run.yaml").path)"
      let stopped = try Shell.lockstep(ranks: 2, "\(run) --quiet --output \(folder.file("stopped").path)")
      #expect(stopped.failed && stopped.ownErrors.first?.contains("diverged at update") == true, "\(stopped.text)")
      let skip = "--set 'divergence={policy: skip}' --set execution.summation=reproducible"
      let records = try [1, 2, 3].map { ranks in
        let output = folder.file("m\(ranks)")
        let result = try Shell.lockstep(ranks: ranks, "\(run) \(skip) --output \(output.path)")
        try #require(result.status == 0, "\(result.text)")
        for words in [
          "is left out, as the loss or the gradient is not finite, first in ", "2 of 16 steps left out",
        ] {
          #expect(result.text.contains(words), "no '\(words)' in \(result.text)")
        }
        return try RunRecord.read(output.appendingPathComponent("run.json"))
      }
      // The row comes once in each epoch of eight steps.
      #expect(records[0].skippedSteps?.map { ($0.update - 1) / 8 } == [0, 1] && records[0].updates == 16)
      for record in records[1...] {
        #expect(record.skippedSteps == records[0].skippedSteps && record.weightsSHA256 == records[0].weightsSHA256)
      }
    }

    @Test func tooManyStepsInARowEndTheRun() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: 2,
        "train \(smallRun) --set learningRate.base=1e38 --set 'divergence={policy: skip, limit: 3}' --output \(folder.path)"
      )
      expectOneError(
        result, ["diverged at update", "was not in 3 steps before it (divergence.limit)", "learningRate.base"])
      #expect(try RunRecord.read(folder.file("run.json")).skippedSteps?.count == 3)
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
