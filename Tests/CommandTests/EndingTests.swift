import Foundation
import Studies
import Testing
import Training

extension CommandTests {
  /// However a job is ended from outside: it ends within seconds, and what was finished is kept.
  @Suite(.serialized) struct Ending {
    private static let endless = "train \(loudRun) --set epochs=100000"
    /// Small enough that a trial ends every second or so, too many to reach the end.
    private static let longStudy = "\(smallStudy) --set axes.seed=[1,2,3,4,5,6,7,8]"
    /// mpirun gives ranks a few seconds to end before it kills them.
    private static let seconds = 20.0

    private func start(ranks: Int, _ arguments: String) throws -> RunningCommand {
      try RunningCommand("\(Shell.mpirun(ranks, secondsToEnd: 1)) \(Shell.lockstep) \(arguments)")
    }

    private func trialCount(_ folder: TemporaryFolder) -> Int {
      folder.text(of: "trials.jsonl").split(separator: "\n").count
    }

    /// Runs the study until it has finished a trial, ends it, and looks at what is left.
    private func expectKeptTrials(after end: (RunningCommand) throws -> Void) throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      let job = try start(ranks: 2, "\(Self.longStudy) --output \(folder.path)")
      try #require(wait { trialCount(folder) >= 1 }, "no trial was finished")
      let ranks = job.ranks
      let before = folder.text(of: "trials.jsonl")
      try end(job)
      let result = try #require(try job.finish(within: Self.seconds), "the job hangs")
      #expect(result.status != 0, "\(result.text)")
      #expect(wait(atMost: Self.seconds) { ranks.allSatisfy { !RunningCommand.isAlive($0) } }, "a rank lives on")
      #expect(folder.text(of: "trials.jsonl").hasPrefix(before), "a finished trial was changed")
      #expect(try StoredStudy(folder: folder.path).records.count < 24)
      return folder
    }

    @Test func killedStudyContinuesAndRepeatsNothing() throws {
      let folder = try expectKeptTrials { $0.signal(SIGKILL) }
      let kept = folder.text(of: "trials.jsonl")
      // The rest that a crash in the middle of a line leaves.
      let file = try FileHandle(forWritingTo: folder.file("trials.jsonl"))
      try file.seekToEnd()
      try file.write(contentsOf: Data(#"{"run":{"comm"#.utf8))
      try file.close()
      let second = try Shell.lockstep(ranks: 2, "\(smallStudy) --set axes.seed=[1,2] --output \(folder.path)")
      #expect(second.status == 0, "\(second.text)")
      #expect(folder.text(of: "trials.jsonl").hasPrefix(kept), "a finished trial was changed")
      let trials = try StoredStudy(folder: folder.path).records.map(\.trial)
      #expect(Set(trials).count == trials.count, "a finished trial was repeated")
      // Before it was killed, a fast machine may have gone on to other seeds.
      #expect(trials.count { $0.seed <= 2 } == 6, "3 points, 2 seeds")
      #expect(Shell.fileExists(folder.file("report.html")))
    }

    @Test func killedRankEndsAStudyAndKeepsTrials() throws {
      _ = try expectKeptTrials { job in kill(try #require(job.ranks.last), SIGKILL) }
    }

    @Test func interruptedLauncherEndsAStudyAndKeepsTrials() throws {
      _ = try expectKeptTrials { $0.signal(SIGINT) }
    }

    @Test func aTimingThatIsCutShortIsNoResult() throws {
      // Work is timed again and again, and nearly always trains when the signal comes.
      let timed = "--set axes.globalBatch=[64] --set axes.scaling=[none] --set axes.seed=[1] --set axes.ranks=[1]"
      for _ in 0..<3 {
        let folder = try TemporaryFolder()
        let job = try RunningCommand(
          "exec \(Shell.lockstep) \(smallStudy) \(timed) --set 'timing={interval: 0.000001, atMost: 1000}' --output \(folder.path)"
        )
        try #require(wait { trialCount(folder) >= 2 }, "nothing was timed again")
        job.signal(SIGTERM)
        let result = try #require(try job.finish(within: Self.seconds), "the job hangs")
        #expect(result.status == 130, "\(result.text)")
        #expect(try StoredStudy(folder: folder.path).records.allSatisfy { $0.run.outcome == .completed })
      }
    }

    @Test(arguments: [0, 1]) func killedRankEndsARunWithAnError(rank: Int) throws {
      let folder = try TemporaryFolder()
      let job = try start(ranks: 2, "\(Self.endless) --output \(folder.path)")
      try job.waitForTraining()
      kill(job.ranks[rank], SIGKILL)
      let result = try #require(try job.finish(within: Self.seconds), "the job hangs")
      #expect(result.status != 0 && result.errors.contains("signal 9"), "\(result.text)")
      #expect(!Shell.fileExists(folder.file("run.json")))
    }

    @Test(arguments: asks) func interruptedRunKeepsWhatItReached(number: Int32) throws {
      let folder = try TemporaryFolder()
      let run = try RunningCommand("exec \(Shell.lockstep) \(Self.endless) --output \(folder.path)")
      try run.waitForTraining()
      try expectNoThreadTakesSignals(run)
      run.signal(number)
      // `timeout` and batch systems send it again, in the midst of saving.
      if number == SIGTERM { run.signal(number) }
      let result = try #require(try run.finish(within: Self.seconds), "the run hangs")
      #expect(result.status == 130 && result.ownErrors.count == 1, "\(result.text)")
      try expectInterruptedRecord(folder)
      #expect(try Shell.run("\(Shell.lockstep) evaluate \(folder.path)").status == 0, "its weights cannot be read")
    }

    /// A handler that runs on a thread inside oneDNN's matrix product damages the heap: see docs/decisions.
    private func expectNoThreadTakesSignals(_ run: RunningCommand) throws {
      let tasks = "/proc/\(run.id)/task"
      let threads = try FileManager.default.contentsOfDirectory(atPath: tasks)
      let takers = try threads.filter { thread in
        let status = try String(contentsOfFile: "\(tasks)/\(thread)/status", encoding: .utf8)
        #expect(try mask("SigCgt", status) & Self.asked == 0, "there is a handler")
        return try mask("SigBlk", status) & Self.asked != Self.asked
      }
      #expect(threads.count > 2 && takers.count <= 1, "only the thread in sigwait may take them")
    }

    static let asks = [SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU]
    private static let asked = asks.reduce(UInt64(0)) { $0 | 1 << UInt64($1 - 1) }

    @Test func whatWasIgnoredAtTheStartStaysSo() throws {
      let folder = try TemporaryFolder()
      let run = try RunningCommand("exec nohup \(Shell.lockstep) \(Self.endless) --output \(folder.path)")
      try run.waitForTraining()
      run.signal(SIGHUP)
      Thread.sleep(forTimeInterval: 1)
      #expect(run.isRunning, "the terminal's end has ended it")
      run.signal(SIGTERM)
      #expect(try run.finish(within: Self.seconds)?.status == 130)
    }

    /// Text of clicks that takes seconds to open.
    private func longText(megabytes: Int) throws -> TemporaryFolder {
      let folder = try TemporaryFolder()
      try "{name: clicks, format: csv, columns: [y, x, c], label: y, dense: {x: {}}, ids: {c: {hash: 10}}}\n"
        .write(to: folder.file("schema.yaml"), atomically: true, encoding: .utf8)
      try """
      model: {kind: logistic}
      data: {path: text, schema: schema.yaml}
      globalBatch: 4
      epochs: 1
      steps: 1
      """.write(to: folder.file("run.yaml"), atomically: true, encoding: .utf8)
      try Shell.run(
        "mkdir \(folder.path)/text && cd \(folder.path)/text && printf '0,1,2\\n1,2,3\\n1,2,4\\n0,2,3\\n' > test.csv && "
          + "cp test.csv train.csv && yes 0,1,2 | head -c \(6 * (megabytes * 1_000_000 / 6)) >> long.csv")
      return folder
    }

    /// Nothing is lost then, so nothing is waited for.
    @Test(arguments: [1, 2]) func openingDataEndsAtOnce(ranks: Int) throws {
      let folder = try longText(megabytes: 300)
      let data = folder.file("text/long.csv").path
      try Shell.run("mv \(data) \(folder.path)/text/train.csv")
      let command = "train \(folder.file("run.yaml").path) --output \(folder.file("out").path)"
      let start = ranks == 1 ? "exec" : Shell.mpirun(ranks, secondsToEnd: 1)
      let run = try RunningCommand("\(start) \(Shell.lockstep) \(command)")
      let process = { ranks == 1 ? run.id : run.ranks.last ?? 0 }
      #expect(wait { Self.hasOpen(folder.file("text/train.csv").path, process()) }, "the data are not opened")
      // One alone of several ranks.
      kill(process(), SIGTERM)
      let result = try #require(try run.finish(within: 5), "it goes on")
      #expect(result.status == 130 && result.ownErrors.count == 1, "\(result.text)")
      #expect(!Shell.fileExists(folder.file("out/run.json")))
    }

    private static func hasOpen(_ path: String, _ process: Int32) -> Bool {
      let folder = "/proc/\(process)/fd"
      let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      return files.contains { (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")) == path }
    }

    @Test(arguments: [1, 2]) func interruptedPredictionLeavesNothing(ranks: Int) throws {
      let folder = try longText(megabytes: 60)
      let model = folder.file("out").path
      let training = try Shell.run("\(Shell.lockstep) train \(folder.file("run.yaml").path) --quiet --output \(model)")
      try #require(training.status == 0, "\(training.text)")
      let command =
        "predict \(model) \(folder.path)/text/long.csv --schema \(folder.path)/schema.yaml --batch 1 --output "
        + folder.file("scores.csv").path
      let run = try RunningCommand(
        "\(ranks == 1 ? "exec" : Shell.mpirun(ranks, secondsToEnd: 1)) \(Shell.lockstep) \(command)")
      let files = { (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [] }
      #expect(wait { files().contains { $0.contains("scores.csv") } }, "nothing is predicted")
      if ranks == 1 { run.signal(SIGUSR1) } else { run.ranks.forEach { kill($0, SIGUSR1) } }
      let result = try #require(try run.finish(within: Self.seconds), "it goes on")
      #expect(result.status == 130 && result.ownErrors == ["lockstep: stopped, as asked"], "\(result.text)")
      #expect(!files().contains { $0.contains("scores.csv") }, "\(files())")
    }

    private func mask(_ name: String, _ status: String) throws -> UInt64 {
      let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("\(name):\t") })
      return try #require(UInt64(line.dropFirst(name.utf8.count + 2), radix: 16))
    }

    @Test func interruptedLauncherEndsARun() throws {
      let folder = try TemporaryFolder()
      let job = try start(ranks: 2, "\(Self.endless) --output \(folder.path)")
      try job.waitForTraining()
      let ranks = job.ranks
      job.signal(SIGINT)
      let result = try #require(try job.finish(within: Self.seconds), "the job hangs")
      #expect(result.status != 0, "\(result.text)")
      #expect(wait(atMost: Self.seconds) { ranks.allSatisfy { !RunningCommand.isAlive($0) } }, "a rank lives on")
      try expectInterruptedRecord(folder)
    }

    private func expectInterruptedRecord(_ folder: TemporaryFolder) throws {
      guard case .interrupted(let step) = try RunRecord.read(folder.file("run.json")).outcome else {
        throw Unexpected("the record does not say that the run was interrupted")
      }
      #expect(step > 0 && Shell.fileExists(folder.file("weights.safetensors")))
    }
  }
}
