import Foundation
import StoredFiles
import Studies
import Testing
import Training

extension CommandTests {
  /// `lockstep report --as`. What the tools themselves read is checked by launch/export-checks.
  @Suite(.serialized) struct ToolExports {
    private static func report(_ arguments: String) throws -> Shell.Result {
      try Shell.run("\(Shell.lockstep) report \(arguments)")
    }

    @Test func aRunThatIsTrainedNowKnowsItsMoments() throws {
      let folder = try TemporaryFolder()
      let train =
        "train launch/runs/fashion-mnist-mlp.yaml --quiet --set data.path=\(Shell.data) --set epochs=2 --set steps=30"
      let trained = try Shell.lockstep(ranks: 2, "\(train) --output \(folder.file("run").path)")
      try #require(trained.status == 0, "\(trained.text)")
      let run = try RunRecord.read(folder.file("run").appendingPathComponent("run.json"))
      let moments = try #require(run.moments)
      #expect(run.epochs.count == 2 && run.epochs.allSatisfy { $0.moments != nil })
      for epoch in run.epochs {
        let times = try #require(epoch.moments)
        // What rank 0 computed lies between, and nothing after the run's end.
        let computed = epoch.ledger[.forward].minimum + epoch.ledger[.backward].minimum
        #expect(times.trained - times.began >= computed && times.ended <= moments.ended)
      }
      for (tool, file) in [("mlperf", "result_0.txt"), ("extra-p", "extra-p.json")] {
        let output = folder.file(tool).path
        let result = try Self.report("\(folder.file("run").path) --as \(tool) --output \(output)")
        #expect(result.status == 0 && result.output == "1 run in 1 file: \(output)/\(file)\n", "\(result.text)")
        #expect(Shell.fileExists(folder.file("\(tool)/\(file)")))
      }
      let again = try Self.report("\(folder.file("run").path) --as mlperf --output \(folder.file("mlperf").path)")
      expectOneError(again, ["is not empty (result_0.txt)", "--output"])
      let log = folder.text(of: "mlperf/result_0.txt").split(separator: "\n")
      #expect(log.allSatisfy { $0.hasPrefix(":::MLLOG {") } && log.last?.contains(#""status":"success""#) == true)
    }

    @Test func earlierResultsHaveCurvesAndTimesButNoLog() throws {
      let folder = try TemporaryFolder()
      for stored in ["study", "mlp", "parts"] {
        let results = StoredFiles.file(stored).path
        let curves = try Self.report("\(results) --as tensorboard --output \(folder.file("\(stored)-curves").path)")
        #expect(curves.status == 0 && curves.output.contains("note: records from before"), "\(curves.text)")
        let times = try Self.report("\(results) --as extra-p --output \(folder.file("\(stored)-times").path)")
        #expect(times.status == 0, "\(times.text)")
        let log = try Self.report("\(results) --as mlperf --output \(folder.file("\(stored)-log").path)")
        expectOneError(log, ["would be made up", "train again"])
        #expect(!Shell.fileExists(folder.file("\(stored)-log")))
      }
    }

    @Test(
      arguments: [
        ("--as mlperf", ["--as mlperf needs", "--output"]),
        ("--output x", ["--output is for several studies, or for --as"]),
        ("--as perfetto --output x", ["perfetto", "mlperf, tensorboard or extra-p"]),
        ("--as extra-p --output x --benchmark resnet", ["--benchmark means nothing"]),
        ("--as mlperf --output x --benchmark ''", ["--benchmark is empty"]),
      ] as [(String, [String])])
    func wrongFlagsAreNamed(flags: String, words: [String]) throws {
      let result = try Self.report("nowhere \(flags)")
      #expect(result.status == 64, "\(result.text)")
      for word in words { #expect(result.errors.contains(word), "\(result.text)") }
    }

    @Test func whatIsNoResultIsNamed() throws {
      let folder = try TemporaryFolder()
      let output = folder.file("x").path
      expectOneError(try Self.report("\(folder.path) --as mlperf --output \(output)"), ["holds no study.json"])
      expectOneError(
        try Self.report("\(StoredFiles.file("mlp").path) --as extra-p --output /dev/null/x"), ["/dev/null/x"])
      let study = StoredFiles.file("study").path
      expectOneError(try Self.report("\(study) --as extra-p --output \(study)"), ["is not empty"])
    }
  }
}
