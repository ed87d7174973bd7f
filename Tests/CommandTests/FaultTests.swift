import Foundation
import Testing
import Training

extension CommandTests {
  /// Harm that is done to a run of several ranks with checkpoints, at a named place of one rank: see `Fault`. `launch/kill-checks --places`
  /// has all places.
  @Suite(.serialized) struct Faults {
    private static let settings =
      "--set model.widths=[64] --set globalBatch=128 --set epochs=3 --set checkpoint.everySteps=20"
    private static let seconds = 60.0

    private func command(_ arguments: String, in folder: TemporaryFolder, before: String = "") -> String {
      "\(Shell.mpirun(2, secondsToEnd: 1)) \(before) \(Shell.lockstep) train \(smallRun) \(Self.settings) \(arguments) "
        + "--output \(folder.path)/run"
    }

    private func checkpoints(_ folder: TemporaryFolder) -> [String] {
      (try? FileManager.default.contentsOfDirectory(atPath: folder.file("run/checkpoints").path)) ?? []
    }

    private func expectSame(_ folder: TemporaryFolder, as whole: RunRecord) throws {
      let record = try RunRecord.read(folder.file("run/run.json"))
      #expect(record.weightsSHA256 == whole.weightsSHA256 && record.outcome == .completed)
    }

    private static let whole = Result {
      try undisturbed(ranks: 2, "\(settings)")
    }

    @Test func aFaultIsSaidAndComesOnce() throws {
      let folder = try TemporaryFolder()
      let mark = folder.file("mark")
      let faulty = "export LOCKSTEP_FAULT=rank=1,update=50,place=update,once=\(mark.path); "
      let first = try Shell.run(faulty + command("--resume", in: folder))
      #expect(first.status != 0 && Shell.fileExists(mark), "\(first.text)")
      #expect(
        first.errors.contains("note: LOCKSTEP_FAULT is set: rank 1 gets SIGKILL at place 'update' of update 50"),
        "\(first.text)")
      let second = try Shell.run(faulty + command("--resume", in: folder))
      #expect(second.status == 0 && second.output.contains("goes on after update 40,"), "\(second.text)")
      try expectSame(folder, as: try Self.whole.get())
    }

    @Test func whatIsNoFaultIsRefused() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.run("export LOCKSTEP_FAULT=rank=1,place=lunch; " + command("", in: folder))
      expectOneError(result, ["LOCKSTEP_FAULT is 'rank=1,place=lunch'", "none of start, data, forward", "unset it"])
    }

    /// The second rank's copy of the data is cut short under its map; the first one's is whole.
    @Test func dataThatOneRankLosesEndTheJobAndItGoesOn() throws {
      let folder = try TemporaryFolder()
      for name in ["first", "second"] {
        let converted = try Shell.run("\(Shell.lockstep) convert \(Shell.data) \(folder.path)/\(name)/data")
        try #require(converted.status == 0, "\(converted.text)")
      }
      let file = folder.file("second/data/train.lockstep").path
      let each =
        "bash -c 'names=(first second); cd \(folder.path)/${names[OMPI_COMM_WORLD_RANK]} && exec \"$@\"' -"
      let run =
        "\(Shell.mpirun(2, secondsToEnd: 1)) \(each) \(Shell.lockstep) train "
        + "\(Shell.package.path)/launch/runs/fashion-mnist-mlp.yaml --quiet --set data.path=data \(Self.settings) "
        + "--set epochs=20 --resume --output \(folder.path)/run"
      let job = try RunningCommand(run)
      try #require(wait { checkpoints(folder).count >= 2 || !job.isRunning } && job.isRunning, "it ended before")
      _ = try Shell.run("cp \(file) \(file).whole && truncate -s 400000 \(file)")
      let result = try #require(try job.finish(within: Self.seconds), "it hangs")
      expectOneError(result, ["rank 1", "data/train.lockstep: the file", "leave it alone"])
      try Shell.run("mv \(file).whole \(file)")
      let again = try Shell.run(run)
      #expect(again.status == 0 && again.output.contains("goes on after update"), "\(again.text)")
      try expectSame(folder, as: try undisturbed(ranks: 2, "\(Self.settings) --set epochs=20"))
    }

    @Test func aFolderThatIsRemovedCostsCheckpointsOnly() throws {
      let folder = try TemporaryFolder()
      let job = try RunningCommand(command("--set epochs=20", in: folder))
      try #require(wait { checkpoints(folder).count >= 2 || !job.isRunning } && job.isRunning, "it ended before")
      try FileManager.default.moveItem(at: folder.file("run"), to: folder.file("gone"))
      let result = try #require(try job.finish(within: Self.seconds), "it hangs")
      #expect(result.status == 0, "\(result.text)")
      try expectSame(folder, as: try undisturbed(ranks: 2, "\(Self.settings) --set epochs=20"))
    }

    private static let clocks = "/usr/lib/\(machine)-linux-gnu/faketime/libfaketimeMT.so.1"
    private static var machine: String {
      ((try? Shell.run("uname -m").output) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
    }
    private static let hasClocks = FileManager.default.fileExists(atPath: clocks)

    /// Of each rank by itself: hosts have clocks of their own. The one that nobody sets goes on as it does.
    @Test(.enabled(if: hasClocks, "needs libfaketime: launch/install-dependencies --clock"))
    func clocksThatAreSetChangeNothing() throws {
      let folder = try TemporaryFolder()
      func set(_ rank: Int, _ seconds: String) throws {
        try seconds.write(to: folder.file("clock-\(rank)"), atomically: true, encoding: .utf8)
      }
      try set(0, "+0")
      try set(1, "+3600")
      let each =
        "env LD_PRELOAD=\(Self.clocks) FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1 bash -c "
        + "'export FAKETIME_TIMESTAMP_FILE=\(folder.path)/clock-$OMPI_COMM_WORLD_RANK; exec \"$@\"' -"
      let arguments = "--set epochs=30 --set execution.timeout=5 --resume"
      let faulty = "export LOCKSTEP_FAULT=rank=1,update=1200,place=forward,once=\(folder.path)/mark; "
      let job = try RunningCommand(faulty + command(arguments, in: folder, before: each))
      try #require(wait { checkpoints(folder).count >= 2 || !job.isRunning } && job.isRunning, "it ended before")
      for (first, second) in [("+86400", "+3600"), ("-86400", "+7200"), ("+315360000", "-315360000")] {
        try set(0, first)
        try set(1, second)
        Thread.sleep(forTimeInterval: 0.3)
      }
      let result = try #require(try job.finish(within: Self.seconds), "it hangs")
      #expect(Shell.fileExists(folder.file("mark")) && result.status != 0, "a clock has ended it: \(result.text)")
      // Ten years before the checkpoint was written, then.
      try set(0, "+0")
      let again = try Shell.run(faulty + command(arguments, in: folder, before: each))
      #expect(again.status == 0, "\(again.text)")
      try expectSame(folder, as: try undisturbed(ranks: 2, "\(Self.settings) --set epochs=30"))
      let record = try RunRecord.read(folder.file("run/run.json"))
      let lost = try #require(record.resumptions?.first).lostSeconds
      #expect(lost > 0 && lost < 100, "\(lost) s lost")
      #expect(record.epochs.allSatisfy { $0.seconds >= 0 && $0.seconds < 100 })
      #expect(record.ledger.elapsed.maximum < 200 && record.ledger.elapsed.minimum > 0)
    }
  }
}

/// The record of a run that nobody disturbed.
private func undisturbed(ranks: Int, _ more: String) throws -> RunRecord { try train(ranks: ranks, more).record }
