import Datasets
import Foundation
import Testing
import Training

extension CommandTests {
  @Suite(.serialized) struct Synthesize {
    @Test func anyNumberOfWorkersMakesTheSameBytes() throws {
      let folder = try TemporaryFolder()
      var made: [[String: Data]] = []
      for workers in 1...2 {
        let target = folder.file("by\(workers)")
        let result = try Shell.run(
          "\(Shell.lockstep) synthesize clicks \(target.path) --rows 20000 --fields 3 --dense 2 --cardinality 100 "
            + "--shard-rows 9000 --workers \(workers)")
        #expect(result.status == 0 && result.output.contains("20,000 training and 2000 test rows"), "\(result.text)")
        #expect(result.output.contains("the planted model on test: AUC 0."), "\(result.text)")
        #expect(!result.output.contains("\u{1B}") && !result.output.contains("\r"))
        made.append(try contents(of: target))
      }
      #expect(made[0].keys.sorted().last == "train-00002-of-00003.lockstep" && made[0].count == 5)
      #expect(made[0] == made[1])
    }

    @Test func shardsMayHoldMoreRowsThanThereAre() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.run(
        "\(Shell.lockstep) synthesize clicks \(folder.path) --rows 9 --fields 1 --cardinality 9 --shard-rows \(1 << 40) && "
          + "\(Shell.lockstep) inspect \(folder.path)")
      #expect(result.status == 0, "\(result.text)")
    }

    private func contents(of folder: URL) throws -> [String: Data] {
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      return try Dictionary(
        uniqueKeysWithValues: names.map { ($0, try Data(contentsOf: folder.appendingPathComponent($0))) })
    }

    @Test(arguments: [
      ("", "--rows"), ("--rows 0", "--rows is 0"), ("--rows x", "--rows"),
      ("--rows 9 --test-rows 0", "--test-rows is 0"),
      ("--rows 9 --fields 0", "--fields is 0"), ("--rows 9 --dense=-1", "--dense is -1"),
      ("--rows 9 --cardinality 0", "--cardinality is 0"),
      ("--rows 9 --cardinality 9 --table-rows 99", "exclude each other"),
      ("--rows 9 --cardinality 3000000000", "2147483647"),
      ("--rows 9 --table-rows 3", "a table of 3 rows for 26 fields"),
      ("--rows 9 --exponent nan", "an exponent of nan"), ("--rows 9 --embedding=-1", "--embedding is -1"),
      ("--rows 9 --positives 1", "a positives' share of 1.0"), ("--rows 9 --signal 0", "a signal of 0.0"),
      ("--rows 9 --workers 0", "--workers is 0"), ("--rows 9 --shard-rows 0", "--shard-rows is 0"),
      ("--rows 1000000000000 --test-rows 9", "are free"),
    ])
    func wrongFlags(arguments: String, problem: String) throws {
      let folder = try TemporaryFolder()
      let result = try Shell.run("\(Shell.lockstep) synthesize clicks \(folder.path)/new \(arguments)")
      expectOneError(result, [problem])
      #expect(try FileManager.default.subpathsOfDirectory(atPath: folder.path).allSatisfy { $0 == "new" })
    }

    /// Numbers at the ends of what an integer holds are refused like any other.
    @Test(arguments: [
      "--rows", "--test-rows", "--fields", "--dense", "--cardinality", "--table-rows", "--embedding", "--workers",
      "--shard-rows",
    ])
    func extremeFlags(flag: String) throws {
      let folder = try TemporaryFolder()
      for value in ["-1", "2147483648000", "9223372036854775807", "-9223372036854775808", "9223372036854775808"] {
        let rows = flag == "--rows" ? "" : "--rows 9"
        let result = try Shell.run("\(Shell.lockstep) synthesize clicks \(folder.path)/new \(rows) \(flag)=\(value)")
        expectOneError(result, [flag, value])
      }
    }

    /// As many workers as there may be, and records as large as they may be, take no memory beyond a bound.
    @Test func manyWorkersOfLargeRecords() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.run(
        "ulimit -v 12000000; \(Shell.lockstep) synthesize clicks \(folder.path)/new --rows 2 --test-rows 2 --fields 512 --dense 512 "
          + "--cardinality 20 --workers 1024 --embedding 0 --quiet")
      #expect(result.status == 0, "\(result.text)")
    }

    @Test func interruptedSynthesisLeavesNothing() throws {
      let folder = try TemporaryFolder()
      let run = try RunningCommand(
        "exec \(Shell.lockstep) synthesize clicks \(folder.path) --rows 200000000 --fields 1 --dense 0 "
          + "--cardinality 1000 --workers 1")
      let names = { (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] }
      try #require(wait { names().contains { $0.hasSuffix(".partial") } }, "nothing is written")
      run.signal(SIGINT)
      let result = try #require(try run.finish(within: 20), "it hangs")
      #expect(result.status == 130 && result.ownErrors.count == 1, "\(result.text)")
      #expect(result.errors.contains("stopped, as asked"), "\(result.text)")
      #expect(names() == [])
    }

    /// Every command that a model of clicks meets, one after the other.
    @Test func fromNothingToAModelThatGoesOn() throws {
      let clicks = try ClickRun()
      let batches = "--set globalBatch=200 --set microBatch=100"
      let record = try clicks.train("model", batches)
      #expect(record.ranks == 2 && record.outcome == .completed)
      let quality = try #require(record.epochs.last?.validation)
      let planted = try #require(try ClickPlantedQuality.read(from: clicks.data))
      #expect(try #require(quality.areaUnderCurve) > 0.55 && quality.areaUnderCurve! < planted.auc + 0.02)
      let evaluated = try Shell.lockstep(ranks: 2, "evaluate \(clicks.path("model"))")
      let area = String(format: "AUC %.6f", quality.areaUnderCurve!)
      #expect(evaluated.status == 0 && evaluated.output.contains(area), "\(area) is not in \(evaluated.text)")
      let exported = try Shell.run("\(Shell.lockstep) export \(clicks.path("model")) \(clicks.path("exported"))")
      #expect(exported.status == 0, "\(exported.text)")
      let scores = try predict(clicks.path("exported"), clicks.data, ranks: 2, batch: 100).floats
      #expect(scores.count == 1000 && scores.allSatisfy { $0 > 0 && $0 < 1 })
      let next = try clicks.train("next", "\(batches) --from \(clicks.path("exported")) --fresh-optimizer")
      #expect(try #require(next.epochs.first?.validation).loss < record.epochs[0].validation!.loss)
    }
  }
}
