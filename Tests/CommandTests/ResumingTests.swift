import Foundation
import Studies
import Testing
import Training

extension CommandTests {
  /// A run that ended before its end goes on from its newest checkpoint.
  @Suite(.serialized) struct Resuming {
    /// 47 updates an epoch of this batch.
    private static let model =
      "--set model.widths=[64] --set globalBatch=128 --set 'optimizer={kind: adam}' --set learningRate.base=0.001 --set epochs=6"
    private static let every = "--set checkpoint.everySteps=20"
    private static let seconds = 20.0

    private func checkpoints(_ folder: TemporaryFolder) -> [String] {
      ((try? FileManager.default.contentsOfDirectory(atPath: folder.file("checkpoints").path)) ?? [])
        .filter { $0.hasPrefix("update-") }.sorted()
    }

    /// Starts a run of many epochs, and ends it once it has begun so many checkpoints: all but the last are whole.
    private func cutShort(
      _ folder: TemporaryFolder, ranks: Int = 1, _ arguments: String = "", after count: Int = 2,
      by end: (RunningCommand) -> Void
    ) throws -> Shell.Result {
      let run = try RunningCommand(
        "\(Shell.mpirun(ranks, secondsToEnd: 1)) \(Shell.lockstep) train \(smallRun) \(Self.model) \(arguments) --output \(folder.path)"
      )
      try #require(wait { checkpoints(folder).count >= count || !run.isRunning } && run.isRunning, "it ended before")
      end(run)
      return try #require(try run.finish(within: Self.seconds), "the job hangs")
    }

    private func resume(_ folder: TemporaryFolder, ranks: Int = 1, _ arguments: String = "") throws -> Shell.Result {
      try Shell.lockstep(
        ranks: ranks, "train \(smallRun) \(Self.model) \(arguments) --resume --output \(folder.path)")
    }

    private func expectSame(_ folder: TemporaryFolder, as whole: RunRecord) throws {
      let record = try RunRecord.read(folder.file("run.json"))
      #expect(record.weightsSHA256 == whole.weightsSHA256 && record.updates == whole.updates)
      #expect(record.epochs.map(\.validation) == whole.epochs.map(\.validation))
      #expect(record.outcome == .completed && record.resumptions?.isEmpty == false)
      #expect(!Shell.fileExists(folder.file("checkpoints")), "checkpoints of a run that has ended are left")
    }

    @Test(arguments: [1, 2]) func aKilledRunEndsWithTheSameBits(ranks: Int) throws {
      let folder = try TemporaryFolder()
      // Long enough to be killed in time.
      let long = "\(Self.every) --set epochs=60"
      let result = try cutShort(folder, ranks: ranks, long) { run in
        run.ranks.last.map { _ = kill($0, SIGKILL) }
      }
      #expect(result.status != 0 && !Shell.fileExists(folder.file("run.json")))
      let made = try #require(UpdateCounter.read(folder.file("checkpoints/.updates").path))
      let again = try resume(folder, ranks: ranks, long)
      #expect(again.status == 0, "\(again.text)")
      try expectSame(folder, as: try train(ranks: ranks, "\(Self.model) --set epochs=60").record)
      let resumption = try #require(try RunRecord.read(folder.file("run.json")).resumptions?.first)
      // Killed while the second checkpoint was being written, or had been, or in the steps after it.
      #expect(made >= 40 && resumption.lostUpdates == made - resumption.updates, "\(resumption), and \(made) made")
      let report = try Shell.run("\(Shell.lockstep) report \(folder.path)")
      let words = made == resumption.updates ? "no update" : "\(made - resumption.updates) update"
      #expect(report.output.contains("\(words)"), "\(report.text)")
    }

    @Test func aRunThatWasAskedToStopGoesOnFromThere() throws {
      let folder = try TemporaryFolder()
      let long = "\(Self.every) --set epochs=60"
      let result = try cutShort(folder, long) { $0.ranks.first.map { _ = kill($0, SIGTERM) } }
      let record = try RunRecord.read(folder.file("run.json"))
      #expect(record.outcome.isInterrupted && result.errors.contains("--resume goes on"), "\(result.text)")
      let again = try resume(folder, long)
      #expect(again.status == 0 && again.output.contains("goes on after update \(record.updates),"), "\(again.text)")
      #expect(try RunRecord.read(folder.file("run.json")).resumptions?.map(\.lostUpdates) == [0])
      try expectSame(folder, as: try train(ranks: 1, "\(Self.model) --set epochs=60").record)
    }

    /// So often that a checkpoint falls into every epoch, whatever its end is.
    @Test func checkpointsChangeNothing() throws {
      let often = try train(ranks: 2, "\(Self.model) --set checkpoint.everySteps=1 --set steps=60").record
      let never = try train(ranks: 2, "\(Self.model) --set steps=60").record
      #expect(often.weightsSHA256 == never.weightsSHA256)
      #expect(often.epochs.map(\.training) == never.epochs.map(\.training) && often.resumptions == nil)
      #expect(often.ledger[.checkpoint].maximum > 0 && never.ledger[.checkpoint].maximum == 0)
    }

    @Test func whatIsThereDecidesWhatResumingDoes() throws {
      let folder = try TemporaryFolder()
      let first = try resume(folder, "--set steps=3")
      #expect(first.status == 0, "nothing is there: it begins: \(first.text)")
      let second = try resume(folder, "--set steps=3")
      #expect(second.status == 0 && second.output.contains("has ended; nothing is left to do"), "\(second.text)")
      expectOneError(try resume(folder, "--set steps=4"), ["steps is 3 there and 4 here", "--overwrite"])
    }

    @Test func othersCheckpointsAreRefused() throws {
      let folder = try TemporaryFolder()
      _ = try cutShort(folder, "\(Self.every) --set epochs=60") { $0.ranks.first.map { _ = kill($0, SIGKILL) } }
      expectOneError(
        try resume(folder, "\(Self.every) --set epochs=60 --set seed=3"), ["seed is 1 there and 3 here", folder.path])
      let train = "train \(smallRun) \(Self.model) --set steps=3 --output \(folder.path)"
      expectOneError(try Shell.lockstep(ranks: 1, train), ["--resume", "--overwrite", "checkpoints"])
      #expect(!checkpoints(folder).isEmpty, "a refused run has removed another's checkpoints")
      let over = try Shell.lockstep(ranks: 1, "\(train) --overwrite")
      #expect(over.status == 0 && checkpoints(folder).isEmpty, "\(over.text)")
    }

    @Test func theNewestWholeOneIsTaken() throws {
      let folder = try TemporaryFolder()
      let long = "\(Self.every) --set epochs=60 --set checkpoint.keep=3"
      _ = try cutShort(folder, long, after: 3) { $0.ranks.first.map { _ = kill($0, SIGKILL) } }
      let files = checkpoints(folder).map { folder.file("checkpoints/\($0)/rank-0-of-1.safetensors") }
      let file = try #require(files.last(where: Shell.fileExists))
      var data = try Data(contentsOf: file)
      data[data.count / 2] ^= 4
      try data.write(to: file)
      let again = try resume(folder, long)
      #expect(again.status == 0 && again.output.contains("damaged"), "\(again.text)")
      try expectSame(folder, as: try train(ranks: 1, "\(Self.model) --set epochs=60").record)
    }

    /// Losing a checkpoint is no reason to lose the run.
    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment), arguments: [1, 2])
    func aFullDiskCostsCheckpointsOnly(ranks: Int) throws {
      let disk = try SmallDisk(kilobytes: 6000)
      let log = "\(disk.kept.path)-log"
      let run =
        "(\(Shell.mpirun(ranks)) \(Shell.lockstep) train \(loudRun) \(Self.model) \(Self.every) --set epochs=60 --output \(disk.path))"
        .quoted
      let script = """
        \(run) > \(log) 2>&1 &
        until grep -q "epoch 1 " \(log); do sleep .05; done; head -c 20000000 /dev/zero > \(disk.path)/filler 2>/dev/null
        until grep -q "is lost" \(log) || ! kill -0 $!; do sleep .05; done; rm \(disk.path)/filler; wait $!; echo $?; grep -c "is lost" \(log)
        """
      let result = try disk.run("bash -c '\(script)'", ranks: nil)
      let lines = result.output.split(separator: "\n")
      #expect(lines.count == 2 && lines[0] == "0" && lines[1] != "0", "\(result.text)")
    }

    @Test func aStudyGoesOnWithinATrial() throws {
      let study =
        "\(smallStudy) --set run.epochs=60 --set axes.globalBatch=[64] --set axes.seed=[1] --set axes.scaling=[none]"
      let (folder, whole) = (try TemporaryFolder(), try TemporaryFolder())
      let run = try RunningCommand(
        "exec \(Shell.lockstep) \(study) --set run.checkpoint.everySteps=200 --output \(folder.path)")
      let trials = folder.file("trials").path
      let written = {
        (try? FileManager.default.subpathsOfDirectory(atPath: trials))?.contains { $0.hasSuffix("of-1.safetensors") }
      }
      try #require(wait { written() == true || !run.isRunning } && run.isRunning, "it ended before")
      run.signal(SIGKILL)
      _ = try run.finish()
      let again = try Shell.run(
        "\(Shell.lockstep) \(study) --set run.checkpoint.everySteps=200 --output \(folder.path)")
      #expect(again.status == 0, "\(again.text)")
      try #require(try Shell.run("\(Shell.lockstep) \(study) --output \(whole.path)").status == 0)
      let records = try [folder, whole].map { try #require(try StoredStudy(folder: $0.path).records.first).run }
      #expect(records[0].weightsSHA256 == records[1].weightsSHA256 && records[0].resumptions?.isEmpty == false)
      #expect(!FileManager.default.fileExists(atPath: trials), "checkpoints of a finished trial are left")
    }

    @Test func intervalsAreRead() throws {
      func refused(_ setting: String) throws -> Shell.Result {
        try Shell.run(
          "\(Shell.lockstep) train \(smallRun) --set 'checkpoint=\(setting)' --output \(TemporaryFolder().path)")
      }
      expectOneError(try refused("{everySteps: 5, everySeconds: 6}"), ["two intervals"])
      expectOneError(try refused("{keep: 0}"), ["checkpoint.keep"])
      expectOneError(try refused("{everySeconds: auto}"), ["checkpoint.meanTimeBetweenFailures"])
      expectOneError(try refused("{everySteps: 0}"), ["checkpoint.everySteps"])
      expectOneError(try refused("{everySteps: 5, meanTimeBetweenFailures: 3600}"), ["everySeconds auto"])
      let both = try Shell.run(
        "\(Shell.lockstep) train \(smallRun) --resume --overwrite --output \(TemporaryFolder().path)")
      #expect(both.status == 64 && both.errors.contains("--resume"), "\(both.text)")
    }
  }
}
