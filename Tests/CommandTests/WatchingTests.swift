import Foundation
import Testing

extension CommandTests {
  /// A rank that stops answering ends the job, in bounded time and with one error that names it.
  @Suite(.serialized) struct Watching {
    private static let endless = "train \(loudRun) --set epochs=100000"
    private static let seconds = 40.0

    private func expectOneError(_ job: RunningCommand, _ words: String...) throws {
      let result = try #require(try job.finish(within: Self.seconds), "the job hangs")
      #expect(result.failed && result.ownErrors.count == 1, "\(result.text)")
      for words in words { #expect(result.ownErrors.first?.contains(words) == true, "\(result.text)") }
    }

    @Test(arguments: [0, 1]) func aStoppedRankIsNamed(rank: Int) throws {
      let folder = try TemporaryFolder()
      let job = try RunningCommand(
        "\(Shell.mpirun(2)) \(Shell.lockstep) \(Self.endless) --set execution.timeout=2 --output \(folder.path)")
      try #require(wait { job.output.contains("epoch 1") }, "it does not begin")
      let ranks = job.ranks
      kill(ranks[rank], SIGSTOP)
      let remedy = "Rank \(rank)'s process \(ranks[rank]) is stopped: 'kill -CONT \(ranks[rank])' lets it go on"
      try expectOneError(
        job, "rank \(rank) on \(ProcessInfo.processInfo.hostName) has not answered for 2 s",
        ". Last seen: ", remedy)
      #expect(wait(atMost: Self.seconds) { ranks.allSatisfy { !RunningCommand.isAlive($0) } }, "a rank lives on")
      #expect(!Shell.fileExists(folder.file("run.json")))
    }

    @Test func aJobThatIsStoppedAndGoesOnIsNoAlarm() throws {
      let folder = try TemporaryFolder()
      let job = try RunningCommand(
        "\(Shell.mpirun(2)) \(Shell.lockstep) \(Self.endless) --set execution.timeout=2 --output \(folder.path)")
      try #require(wait { job.output.contains("epoch 1") }, "it does not begin")
      job.ranks.forEach { kill($0, SIGSTOP) }
      Thread.sleep(forTimeInterval: 5)
      job.ranks.forEach { kill($0, SIGCONT) }
      Thread.sleep(forTimeInterval: 3)
      #expect(job.isRunning)
      job.signal(SIGUSR1)
      let result = try #require(try job.finish(within: Self.seconds), "the job hangs")
      #expect(result.status == 130, "\(result.text)")
    }

    @Test(arguments: [0, 1]) func aRankThatNeverComesToMPIIsNamed(rank: Int) throws {
      let folder = try TemporaryFolder()
      let command = "exec \(Shell.lockstep) \(Self.endless) --output \(folder.path)"
      let job = try RunningCommand(
        "export LOCKSTEP_TIMEOUT=2 && \(Shell.mpirun(2)) bash -c "
          + "'[[ $OMPI_COMM_WORLD_RANK == \(rank) ]] && exec sleep 600; \(command)'")
      try expectOneError(job, "rank \(1 - rank) of 2 has waited 2 s for MPI to start (rank \(rank) on ")
    }

    @Test func ranksOfDifferentProgramsAreToldSo() throws {
      let folder = try TemporaryFolder()
      let other = folder.file("lockstep").path
      try Shell.run("cp \(Shell.lockstep) \(other) && echo >> \(other)")
      let arguments = "\(Self.endless) --output \(folder.file("out").path)"
      let job = try RunningCommand("\(Shell.mpirun(1)) \(Shell.lockstep) \(arguments) : -np 1 \(other) \(arguments)")
      try expectOneError(job, "rank 1 on \(ProcessInfo.processInfo.hostName) runs another program than rank 0 on ")
      #expect(!Shell.fileExists(folder.file("out/run.json")))
    }

    private static let hasMounts = (try? Shell.run("unshare --mount true").status) == 0

    /// In a namespace of its own, where the system gives one.
    @Test(.enabled(if: hasMounts, "mounts of one's own are refused here"))
    func aSmallSharedMemoryIsSaidBeforeMPIFailsForIt() throws {
      let folder = try TemporaryFolder()
      let line =
        "mount -t tmpfs -o size=1m tmpfs /dev/shm && \(Shell.mpirun(2)) "
        + "\(Shell.lockstep) train \(smallRun) --set steps=2 --output \(folder.path)"
      let result = try Shell.run("exec unshare --mount bash -c '\(line)'")
      #expect(
        result.errors.contains("note: /dev/shm holds 1 MiB on this host, and Open MPI wants 9 MiB"), "\(result.text)")
    }
  }
}
