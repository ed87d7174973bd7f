import Foundation
import Studies
import Testing
import Training

extension CommandTests {
  @Suite(.serialized) struct Study {
    private let small =
      "study launch/studies/batch-size.yaml --set run.data.path=launch/data/fashion-mnist-subset --set run.epochs=1 "
      + "--set axes.globalBatch=[64,256] --set axes.seed=[1,2]"

    private func start(_ command: String, in folder: TemporaryFolder) throws -> Process {
      let process = Process()
      try Shell.start(process, command, folder.file("out.txt"), folder.file("err.txt"))
      return process
    }

    private func lines(_ file: URL) -> Int {
      (try? String(contentsOf: file, encoding: .utf8))?.split(separator: "\n").count ?? 0
    }

    /// Waits, for at most a minute.
    private func wait(until condition: () -> Bool) -> Bool {
      for _ in 0..<600 where !condition() { Thread.sleep(forTimeInterval: 0.1) }
      return condition()
    }

    @Test func killedStudyContinuesAndRepeatsNothing() throws {
      let folder = try TemporaryFolder()
      let trials = folder.file("trials.jsonl")
      let process = try start("\(Shell.mpirun(2)) \(Shell.lockstep) \(small) --output \(folder.path)", in: folder)
      #expect(wait { lines(trials) >= 1 })
      try Shell.run("pkill -9 -P \(process.processIdentifier); kill -9 \(process.processIdentifier)")
      process.waitUntilExit()
      let kept = try String(contentsOf: trials, encoding: .utf8)
      // What a crash in the middle of a line leaves.
      let half = try FileHandle(forWritingTo: trials)
      try half.seekToEnd()
      try half.write(contentsOf: Data(#"{"run":{"comm"#.utf8))
      try half.close()
      let second = try Shell.lockstep(ranks: 2, "\(small) --output \(folder.path)")
      #expect(second.status == 0, "\(second.errors)")
      let all = try String(contentsOf: trials, encoding: .utf8)
      #expect(all.hasPrefix(kept), "a finished trial was changed")
      let stored = try StoredStudy(folder: folder.path)
      // 64 is the base batch, where scaling changes nothing: one trial for both rules; 256 has two. Two seeds.
      #expect(stored.records.count == 6 && Set(stored.records.map(\.trial)).count == 6)
      for name in ["report.html", "report.md", "results.csv", "results.json"] {
        #expect(FileManager.default.fileExists(atPath: folder.file(name).path), "\(name)")
      }
    }

    @Test func anotherStudysResultsAreRefused() throws {
      let folder = try TemporaryFolder()
      let quick =
        "\(small) --set axes.globalBatch=[256] --set axes.seed=[1] --set axes.scaling=[none] --output \(folder.path)"
      #expect(try Shell.lockstep(ranks: 2, quick).status == 0)
      let result = try Shell.lockstep(ranks: 2, "\(quick) --set run.learningRate.base=0.07")
      #expect(result.status != 0)
      #expect(result.ownErrors.count == 1 && result.errors.contains("another study"), "\(result.errors)")
    }

    @Test func trialsOfFewerRanksRunInTheSameJob() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: 3,
        "\(small) --set axes.globalBatch=[256] --set axes.seed=[1] --set axes.scaling=[none] --set axes.ranks=[1,2,3] --output \(folder.path)"
      )
      #expect(result.status == 0, "\(result.errors)")
      let records = try StoredStudy(folder: folder.path).records
      #expect(Set(records.map(\.run.ranks)) == [1, 2, 3])
      let losses = records.map { $0.run.epochs[0].training.loss }
      for loss in losses { #expect(abs(loss - losses[0]) < 1e-4 * losses[0]) }
    }

    @Test func divergedTrialIsAResult() throws {
      let folder = try TemporaryFolder()
      let result = try Shell.lockstep(
        ranks: 2,
        "\(small) --set axes.globalBatch=[64,256] --set axes.seed=[1] --set axes.scaling=[none] --set run.learningRate.base=1e9 --output \(folder.path)"
      )
      #expect(result.status == 0, "\(result.errors)")
      let records = try StoredStudy(folder: folder.path).records
      #expect(records.count == 2)
      for record in records {
        guard case .diverged = record.run.outcome else { return Issue.record("not diverged at 1e9") }
      }
    }

    @Test func aKilledRankEndsTheJobWithAnError() throws {
      let folder = try TemporaryFolder()
      let process = try start(
        "\(Shell.mpirun(2)) \(Shell.lockstep) train \(smallRun) --set epochs=10000 --output \(folder.path)", in: folder)
      let children = "pgrep -P \(process.processIdentifier) lockstep"
      #expect(wait { (try? Shell.run(children).output.split(separator: "\n").count) == 2 })
      Thread.sleep(forTimeInterval: 2)
      try Shell.run("kill -9 $(\(children) | tail -1)")
      #expect(wait { !process.isRunning }, "the job hangs")
      #expect(process.terminationStatus != 0)
    }

    @Test func interruptKeepsWhatWasReached() throws {
      let folder = try TemporaryFolder()
      let process = try start(
        "exec \(Shell.lockstep) train \(smallRun) --set epochs=10000 --output \(folder.path)", in: folder)
      Thread.sleep(forTimeInterval: 3)
      process.interrupt()
      #expect(wait { !process.isRunning })
      #expect(process.terminationStatus == 130)
      guard case .interrupted(let step) = try RunRecord.read(folder.file("run.json")).outcome else {
        Issue.record("the record does not say that the run was interrupted")
        return
      }
      #expect(step > 0 && FileManager.default.fileExists(atPath: folder.file("weights.safetensors").path))
    }
  }
}
