import Foundation
import Studies
import Testing
import Training

extension CommandTests {
  /// A disk, or a limit of files' sizes, that is too small: said before training where that can be known, and no loss of
  /// what was there.
  @Suite(.serialized) struct FullDisk {
    private static let small = "--set model.widths=[32] --set globalBatch=64 --set 'optimizer={kind: adam}'"
    private static let model = "train \(smallRun) \(small)"
    /// Says when it trains: asked to end before that, it would have nothing to save.
    private static let endless = "train \(loudRun) \(small) --overwrite"

    /// Without what training says at its end.
    private static func linesOfEvaluations(_ output: String) -> [Substring] {
      output.split(separator: "\n").filter { !$0.contains("run.json") && !$0.contains("samples/s") }
    }

    private func names(_ url: URL) throws -> [String] {
      try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
    }

    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) func isSaidBeforeTraining() throws {
      let disk = try SmallDisk(kilobytes: 64)
      let result = try disk.run("\(Shell.lockstep) \(Self.model) --output \(disk.path)")
      expectOneError(result, [disk.path, "kB are needed", "are free", "free some space"])
      #expect(try names(disk.kept).isEmpty, "something is left")
    }

    /// 305 kB of weights and state, with room for one such run.
    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) func aSecondRunThatFindsNoRoomKeepsTheFirst() throws {
      let disk = try SmallDisk(kilobytes: 500)
      let (run, evaluate) = (
        "\(Shell.lockstep) \(Self.model) --output \(disk.path)", "\(Shell.lockstep) evaluate \(disk.path)"
      )
      let early = try disk.run(
        "bash -c '\(run.quoted) --set steps=2 && \(evaluate) && \(run.quoted) --overwrite --set steps=3; echo $?; \(evaluate)'",
        ranks: nil)
      let lines = Self.linesOfEvaluations(early.output)
      #expect(early.errors.contains("are free") && lines.count == 3, "\(early.text)")
      #expect(lines.first == lines.last && lines.dropFirst().first == "1", "\(early.text)")
    }

    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) func aDiskThatFillsMeanwhileKeepsTheFirst() throws {
      let disk = try SmallDisk(kilobytes: 12000)
      let run = "\(Shell.lockstep) \(Self.model) --output \(disk.path)".quoted
      let evaluate = "\(Shell.lockstep) evaluate \(disk.path)"
      let endless = "\(Shell.lockstep) \(Self.endless) --output \(disk.path)".quoted
      let log = "\(disk.kept.path)-log"
      let script = """
        \(run) --set steps=2 && \(evaluate) || exit 9
        \(endless) --set epochs=2000 --set seed=2 > \(log) &
        until grep -q "epoch 1 " \(log); do sleep .1; done; head -c 20000000 /dev/zero > \(disk.path)/filler 2>/dev/null; kill -TERM $!; wait $!; echo $?
        rm \(disk.path)/filler; \(evaluate)
        """
      let result = try disk.run("bash -c '\(script)'", ranks: nil)
      let lines = Self.linesOfEvaluations(result.output)
      expectOneError(
        Shell.Result(status: 1, output: result.output, errors: result.errors),
        ["No space left", "free some space", "what was in \(disk.path) before is kept"])
      #expect(lines.count == 3 && lines.first == lines.last && lines.dropFirst().first == "1", "\(result.text)")
      #expect(
        try names(disk.kept)
          == ["manifest.json", "model.json", "optimizer.safetensors", "run.json", "steps.json", "weights.safetensors"])
      #expect(try SavedModel(disk.kept.path).check().count == 5)
    }

    @Test(.enabled(if: SmallDisk.isPossible, SmallDisk.comment)) func keepsFinishedTrials() throws {
      let disk = try SmallDisk(kilobytes: 24)
      let study =
        "study launch/studies/batch-size.yaml --quiet --set run.data.path=\(Shell.data) --set run.steps=2"
        + " --set axes.globalBatch=[64,128,256,512] --set run.evaluation.trainingSet=false --output \(disk.path)"
      let result = try disk.run("\(Shell.lockstep) \(study)")
      expectOneError(result, ["trials.jsonl", "No space left", "what was finished before is kept"])
      let stored = try StoredStudy(folder: disk.kept.path)
      #expect(!stored.records.isEmpty && stored.notices.isEmpty, "\(stored.records.count) records, \(stored.notices)")
    }

    /// `ulimit -f` counts kilobytes. Open MPI's start needs some megabytes itself.
    @Test func aLimitOfFileSizesIsSaidBeforeTraining() throws {
      let folder = try TemporaryFolder()
      let command = "train \(smallRun) --set model.widths=[4096,1024] --output \(folder.path)"
      let result = try Shell.run("ulimit -f 20000; exec \(Shell.lockstep) \(command)")
      expectOneError(result, ["weights.safetensors takes 30 MB", "may have 21 MB", "ulimit -f"])
      #expect(try names(folder.url).isEmpty)
    }

    @Test(.enabled(if: Shell.has("prlimit"), "needs util-linux's prlimit"))
    func aLimitThatIsSetMeanwhileKeepsTheFirst() throws {
      let (_, older) = try train(ranks: 1, "--set steps=2")
      let before = try Shell.run("\(Shell.lockstep) evaluate \(older.path)")
      let run = try RunningCommand(
        "exec \(Shell.lockstep) \(Self.endless) --set epochs=2000 --output \(older.path)")
      try run.waitForTraining()
      try #require(try Shell.run("prlimit --pid \(run.id) --fsize=50000:50000").status == 0)
      run.signal(SIGINT)
      let result = try #require(try run.finish(within: 30), "it hangs")
      expectOneError(result, ["weights.safetensors", "File too large", "ulimit -f", "\(older.path) before is kept"])
      #expect(try Shell.run("\(Shell.lockstep) evaluate \(older.path)").output == before.output)
      #expect(
        try names(older.url) == [
          "manifest.json", "model.json", "optimizer.safetensors", "run.json", "steps.json", "weights.safetensors",
        ])
    }

    /// Commands without ranks: the system's signal would end them and leave what they had written.
    @Test func filesThatMayNotGrowEndACommandWithAnErrorAndAreGone() throws {
      let (_, model) = try train(ranks: 1, "--set steps=2 --set model.widths=[32]")
      let folder = try TemporaryFolder()
      let synthesis = "synthesize clicks \(folder.path) --rows 100000 --fields 2 --dense 2 --cardinality 50"
      let synthesized = try Shell.run("ulimit -f 20; exec \(Shell.lockstep) \(synthesis)")
      expectOneError(synthesized, [folder.path, "File too large", "ulimit -f"])
      #expect(try names(folder.url).isEmpty)
      let exported = try Shell.run("ulimit -f 20; exec \(Shell.lockstep) export \(model.path) \(folder.path)/out")
      expectOneError(exported, [folder.path, "ulimit -f"])
      #expect(try names(folder.file("out")).isEmpty)
    }
  }
}

extension String {
  /// Inside `bash -c '…'`.
  var quoted: String { replacingOccurrences(of: "'", with: "\"") }
}
