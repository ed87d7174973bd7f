import Foundation
import Studies
import Testing
import Training

/// Quick, on the bundled images, and nothing timed again, however busy the machine is. The base batch is 64, where scaling changes nothing: one trial for all three rules.
let smallStudy =
  "study launch/studies/batch-size.yaml --quiet --set run.data.path=\(Shell.data) --set run.epochs=1 "
  + "--set axes.globalBatch=[64,256] --set axes.scaling=[none,linear] --set 'timing={retakes: 0}'"

/// A study of one trial.
let tinyStudy =
  "study launch/studies/batch-size.yaml --quiet --set run.data.path=\(Shell.data) --set run.steps=4 "
  + "--set axes.globalBatch=[256] --set axes.scaling=[none] --set axes.seed=[1] --set 'timing={retakes: 0}'"

extension CommandTests {
  @Suite(.serialized) struct Study {
    private let reports = ["report.html", "report.md", "results.csv", "results.json"]

    @Test func trialsThatAreNotAskedForAnyMoreAreInNoFigure() throws {
      let folder = try TemporaryFolder()
      for (seeds, left) in [("[1,2]", 0), ("[2]", 1)] {
        let result = try Shell.lockstep(ranks: 1, "\(tinyStudy) --set axes.seed=\(seeds) --output \(folder.path)")
        try #require(result.status == 0, "\(result.text)")
        let stored = try StoredStudy(folder: folder.path)
        #expect(stored.records.map(\.trial.seed).sorted() == (left == 0 ? [1, 2] : [2]))
        #expect(stored.notices.count == left)
        #expect(folder.text(of: "report.md").contains("1 finished trial is in no figure") == (left == 1))
        #expect(folder.text(of: "trials.jsonl").split(separator: "\n").count == 2)
      }
    }

    @Test func reportIsMadeFromStoredResultsAlone() throws {
      let folder = try TemporaryFolder()
      let study = try Shell.lockstep(ranks: 2, "\(tinyStudy) --output \(folder.path)")
      try #require(study.status == 0, "\(study.text)")
      #expect(study.output.contains("\nreport: \(folder.file("report.html").path)\n"), "\(study.text)")
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

    @Test func workIsTimedAgainUntilItsIntervalIsNarrowOrThereWereEnoughRounds() throws {
      let folder = try TemporaryFolder()
      let command =
        "\(tinyStudy) --set 'timing={retakes: 0, interval: 1e-6, atMost: 3}' --order file --output \(folder.path)"
        .replacingOccurrences(of: "--quiet ", with: "")
      let study = try Shell.lockstep(ranks: 2, command)
      try #require(study.status == 0, "\(study.text)")
      #expect(study.text.contains("[timing 2]") && study.text.contains("[timing 3]"), "\(study.text)")
      let stored = try StoredStudy(folder: folder.path)
      #expect(stored.records.map(\.round) == [nil, 1, 2] && stored.missing.isEmpty)
      // The same work in the same steps: the same weights. The trial's rate fell over more epochs.
      #expect(stored.records[1].run.weightsSHA256 == stored.records[2].run.weightsSHA256)
      #expect(folder.text(of: "report.md").contains("2 rounds of timing were added"))
      // There were enough.
      let again = try Shell.lockstep(ranks: 2, command)
      #expect(again.status == 0 && !again.text.contains("[timing"), "\(again.text)")
      #expect(try StoredStudy(folder: folder.path).records.count == 3)
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

    @Test func otherDataOfTheSameNameAreRefused() throws {
      let clicks = try ClickRun()
      let file = clicks.path("study.yaml")
      try """
      name: other data
      run: {model: {kind: logistic}, data: {path: data}, epochs: 1, steps: 2}
      axes: {globalBatch: [100], seed: [1]}
      cost: {pricePerNodeHour: 1, ranksPerNode: 2}
      timing: {retakes: 0}
      """.write(toFile: file, atomically: true, encoding: .utf8)
      let command = "study \(file) --quiet --output \(clicks.path("results"))"
      let first = try Shell.lockstep(ranks: 2, command)
      try #require(first.status == 0, "\(first.text)")
      try Shell.run("rm -r \(clicks.data)")
      try clicks.synthesize("data", "\(ClickRun.synthesis) --seed 7")
      let result = try Shell.lockstep(ranks: 2, "\(command) --set axes.seed=[1,2]")
      expectOneError(result, [clicks.data, "not the data", "checksum", "--output"])
    }

    /// Neither the data nor the study need stay where they were: what the data hold tells.
    @Test func movedDataContinueAStudyAndOtherDataDoNot() throws {
      let folder = try TemporaryFolder()
      let (old, new) = (folder.file("old").path, folder.file("new").path)
      try Shell.run("cp -r \(Shell.data) \(old)")
      let study = tinyStudy.replacingOccurrences(of: "run.data.path=\(Shell.data)", with: "run.data.path=DATA")
      func run(_ data: String, seeds: String) throws -> Shell.Result {
        let study = study.replacingOccurrences(of: "DATA", with: data)
          .replacingOccurrences(of: "axes.seed=[1]", with: "axes.seed=\(seeds)")
        return try Shell.lockstep(ranks: 2, "\(study) --output \(folder.file("results").path)")
      }
      let first = try run(old, seeds: "[1]")
      try #require(first.status == 0, "\(first.text)")
      try Shell.run("mv \(old) \(new)")
      let moved = try run(new, seeds: "[1,2]")
      #expect(moved.status == 0, "\(moved.text)")
      let records = try StoredStudy(folder: folder.file("results").path).records
      #expect(records.map(\.run.dataset.path) == [old, new])
      // Other data in a third place, whether or not a trial is left that would use them.
      try Shell.run(
        "cp -r \(new) \(old); cd \(old); gunzip train-labels*; printf '\\5' | dd of=train-labels-idx1-ubyte bs=1 seek=9 "
          + "conv=notrunc; ls")
      for seeds in ["[1,2]", "[1,2,3]"] { expectOneError(try run(old, seeds: seeds), [old, "checksum", "--output"]) }
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

    /// Parts, timed calls, variants and claims, of fewer ranks than the job's and of all; then again from the store.
    @Test func partsRunInOneJobAndContinue() throws {
      let folder = try TemporaryFolder()
      let file = folder.file("parts.yaml")
      try """
      name: parts
      run:
        model: {kind: mlp, widths: [16]}
        data: {path: \(Shell.data)}
        epochs: 1
        steps: 4
      cost: {pricePerNodeHour: 1, ranksPerNode: 2}
      parts:
      - name: calls
        calls: {leastRepeats: 3, leastSeconds: 0}
        axes: {globalBatch: [1, 5, 25]}
        claims: [{source: test, text: It takes time, measure: prediction.secondsPerExample, atLeast: 0}]
      - name: reading
        axes: {globalBatch: [256]}
        variants: [{name: ahead}, {name: now, set: {execution.prefetch: 0}}]
      """.write(to: file, atomically: true, encoding: .utf8)
      let command =
        "study \(file.path) --set run.data.path=\(Shell.data) --set 'timing={retakes: 0}' --output \(folder.path)"
      let result = try Shell.lockstep(ranks: 2, "\(command) --quiet")
      try #require(result.status == 0, "\(result.text)")
      let records = try StoredStudy(folder: folder.path).records
      #expect(records.map(\.trial.part) == ["calls", "calls", "calls", "reading", "reading"])
      #expect(records.prefix(3).allSatisfy { $0.calls?.prediction != nil && $0.calls?.training != nil })
      #expect(records.prefix(3).allSatisfy { $0.run.ranks == 1 } && records.suffix(2).allSatisfy { $0.run.ranks == 2 })
      // A reader does not change what is computed.
      #expect(records[3].run.weightsSHA256 == records[4].run.weightsSHA256)
      let report = folder.text(of: "report.md")
      #expect(report.contains("It takes time") && report.contains("agrees"))
      let again = try Shell.lockstep(ranks: 2, command)
      #expect(again.status == 0 && again.output.contains("continuing: 5 of 5 trials"), "\(again.text)")
      #expect(folder.text(of: "report.md") == report)
      try Shell.run("sed -i s/prediction.secondsPerExample/prediction.seconds/ \(file.path)")
      expectOneError(
        try Shell.lockstep(ranks: 2, "\(command) --quiet"), ["parts.yaml:12", "prediction.seconds", "not a measure"])
    }

    /// As the jobs of an array do, here one after the other.
    @Test func sharesOfAStudyMakeOneReport() throws {
      let folder = try TemporaryFolder()
      let study = "\(tinyStudy) --set axes.seed=[1,2,3] --output \(folder.path)"
      let first = try Shell.lockstep(ranks: 2, "\(study) --share 1/2")
      #expect(first.status == 0 && first.output.contains("1 of 3 trials are still missing"), "\(first.text)")
      #expect(!Shell.fileExists(folder.file("report.html")))
      let second = try Shell.lockstep(ranks: 2, "\(study) --share 2/2")
      #expect(second.status == 0 && second.output.contains("\nreport: "), "\(second.text)")
      #expect(folder.text(of: "results.csv").split(whereSeparator: \.isNewline).count == 4)
      #expect(Set(try StoredStudy(folder: folder.path).records.map(\.trial.seed)) == [1, 2, 3])
      let whole = try Shell.lockstep(ranks: 2, study.replacingOccurrences(of: "--quiet", with: ""))
      #expect(whole.status == 0 && whole.output.contains("continuing: 3 of 3 trials"), "\(whole.text)")
      expectOneError(try Shell.run("\(Shell.lockstep) \(study) --share 3/2"), ["--share", "3/2", "such as 2/4"])
    }

    private static let search =
      "study launch/studies/critical-batch-small.yaml --quiet --set run.steps=6 --set axes.globalBatch=[64,256] --set axes.seed=[1] "
      + "--set 'search={trials: 3, seed: 9, learningRate.base: {log: [0.01, 1]}}' --set 'timing={retakes: 0}'"

    /// Two phases in one job; then in two shares, each of which knows all that its results need. Both find the same.
    @Test func aSearchIsSharedByWholePlacesAndContinues() throws {
      let (folder, shared) = (try TemporaryFolder(), try TemporaryFolder())
      let whole = try Shell.lockstep(ranks: 2, "\(Self.search) --set axes.ranks=[2] --output \(folder.path)")
      try #require(whole.status == 0, "\(whole.text)")
      let records = try StoredStudy(folder: folder.path).records
      #expect(records.count == 2 * 3 + 2 && records.prefix(6).allSatisfy { $0.trial.seed == 9 })
      #expect(records.suffix(2).allSatisfy { $0.trial.seed == 1 && $0.run.finalTest != nil })
      #expect(
        records.suffix(2).allSatisfy {
          $0.run.configuration.learningRate.base == $0.trial.settings?.values["learningRate.base"]
        })
      #expect(folder.text(of: "report.md").contains("## Search"))
      // As if killed after a trial of the second phase; the last is then run again, to the same weights.
      try Shell.run("cd \(folder.path) && head -n 7 trials.jsonl > t && cp t trials.jsonl")
      let again = try Shell.lockstep(
        ranks: 2,
        "\(Self.search) --set axes.ranks=[2] --output \(folder.path)".replacingOccurrences(of: "--quiet ", with: ""))
      #expect(again.status == 0 && again.output.contains("continuing: 7 of 8 trials"), "\(again.text)")
      #expect(try StoredStudy(folder: folder.path).records.last?.run.weightsSHA256 == records.last?.run.weightsSHA256)
      for share in ["1/2", "2/2"] {
        let part = try Shell.lockstep(
          ranks: 2, "\(Self.search) --set axes.ranks=[2] --output \(shared.path) --share \(share)")
        try #require(part.status == 0, "\(part.text)")
      }
      let parts = try StoredStudy(folder: shared.path)
      #expect(parts.missing.isEmpty)
      #expect(
        Set(parts.records.map { "\($0.trial.globalBatch) \($0.trial.seed) \($0.run.weightsSHA256)" })
          == Set(records.map { "\($0.trial.globalBatch) \($0.trial.seed) \($0.run.weightsSHA256)" }))
      let verdicts = try Shell.run("\(Shell.lockstep) verdicts \(folder.path) \(shared.path)")
      #expect(
        verdicts.status == 0 && verdicts.output.split(separator: "\n").filter { $0.contains("McCandlish") }.count == 4,
        "\(verdicts.text)")
      expectOneError(try Shell.run("\(Shell.lockstep) verdicts \(folder.path)/none"), ["none", "study.json"])
    }

    @Test func aSearchWithoutAValidationSplitIsOneError() throws {
      let folder = try TemporaryFolder()
      expectOneError(
        try Shell.lockstep(ranks: 2, "\(Self.search) --set run.data.validation=null --output \(folder.path)"),
        ["search chooses by the validation split", "data.validation"])
      // The data say only when they are opened that they hold none out.
      expectOneError(
        try Shell.lockstep(
          ranks: 2,
          "\(Self.search) --set run.data.validation=null --set run.data.evaluateOn=validation --output \(folder.path)"),
        ["holds no validation split", "data.validation"])
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
