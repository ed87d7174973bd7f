import Foundation
import Studies
import Testing
import Training

/// Quick, on the bundled images. The base batch is 64, where scaling changes nothing: one trial for all three rules.
let smallStudy =
  "study launch/studies/batch-size.yaml --quiet --set run.data.path=\(Shell.data) --set run.epochs=1 "
  + "--set axes.globalBatch=[64,256] --set axes.scaling=[none,linear]"

/// Of one trial.
let tinyStudy =
  "study launch/studies/batch-size.yaml --quiet --set run.data.path=\(Shell.data) --set run.steps=4 "
  + "--set axes.globalBatch=[256] --set axes.scaling=[none] --set axes.seed=[1]"

extension CommandTests {
  @Suite(.serialized) struct Study {
    private let reports = ["report.html", "report.md", "results.csv", "results.json"]

    @Test func reportIsMadeFromStoredResultsAlone() throws {
      let folder = try TemporaryFolder()
      let study = try Shell.lockstep(ranks: 2, "\(tinyStudy) --output \(folder.path)")
      try #require(study.status == 0, "\(study.text)")
      let first = reports.map { folder.text(of: $0) }
      #expect(first.allSatisfy { !$0.isEmpty })
      // Elsewhere, without data, reports or other ranks.
      let copy = try TemporaryFolder()
      try Shell.run("cp \(folder.file("study.json").path) \(folder.file("trials.jsonl").path) \(copy.path)")
      let report = try Shell.run("cd / && \(Shell.lockstep) report \(copy.path)")
      try #require(report.status == 0, "\(report.text)")
      for (name, text) in zip(reports, first) { #expect(copy.text(of: name) == text, "\(name) differs") }
      #expect(report.output.contains("report: \(copy.file("report.html").path)"), "\(report.text)")
    }

    @Test func anotherStudysResultsAreRefused() throws {
      let folder = try TemporaryFolder()
      #expect(try Shell.lockstep(ranks: 2, "\(tinyStudy) --output \(folder.path)").status == 0)
      let kept = folder.text(of: "trials.jsonl")
      let result = try Shell.lockstep(
        ranks: 2, "\(tinyStudy) --set run.learningRate.base=0.07 --output \(folder.path)")
      expectOneError(result, ["another study", "run.learningRate.base", "0.07", "--output"])
      #expect(folder.text(of: "trials.jsonl") == kept)
    }

    @Test func trialsOfFewerRanksRunInTheSameJob() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(ranks: 3, "\(tinyStudy) --set axes.ranks=[1,2,3] --output \(folder.path)")
      #expect(result.status == 0, "\(result.text)")
      let records = try StoredStudy(folder: folder.path).records
      #expect(Set(records.map(\.run.ranks)) == [1, 2, 3])
      let losses = records.map { $0.run.epochs[0].training.loss }
      for loss in losses { #expect(abs(loss - losses[0]) < 1e-5 * losses[0]) }
    }

    /// The trial ends, the study goes on: to diverge is a result.
    @Test func divergedTrialIsAResult() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: 2,
        "\(smallStudy) --set axes.seed=[1] --set run.learningRate.base=1e9 --output \(folder.path)")
      #expect(result.status == 0 && result.ownErrors.isEmpty, "\(result.text)")
      let records = try StoredStudy(folder: folder.path).records
      #expect(records.count == 3)
      for record in records {
        guard case .diverged(_, let rank, _) = record.run.outcome else { throw Unexpected("not diverged at 1e9") }
        #expect((0..<2).contains(rank))
      }
      #expect(folder.text(of: "report.md").contains("diverged"))
    }
  }
}

struct Unexpected: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
