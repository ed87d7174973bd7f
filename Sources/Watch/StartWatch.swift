import Buffers
import Glibc

/// Bounds the wait for MPI's start, which ends when all processes of the job have come to it. Nothing is known then but what
/// the launcher says, and which ranks of this host have come so far.
public final class StartWatch: @unchecked Sendable {
  /// The launcher's words about this process.
  public struct Job: Sendable {
    let name: String
    let rank: Int
    let size: Int
    let localSize: Int

    /// - Parameter name: the same for all ranks of this host and no others; nil for what all have in common, their parent.
    public init(name: String?, rank: Int, size: Int, localSize: Int) {
      self.name = name ?? "parent \(getppid())"
      self.rank = rank
      self.size = size
      self.localSize = localSize
    }
  }

  private let job: Job
  private let mark: StartMark
  /// A byte comes through it when MPI has started: unlike a semaphore's, a pipe's wait knows nothing of the clock that people set.
  private let started: (reading: Int32, writing: Int32)
  private var thread: pthread_t?

  /// From now on.
  public init(_ job: Job) {
    self.job = job
    mark = StartMark(job: job.name, rank: job.rank)
    started = Self.makePipe()
    guard started.reading >= 0 else { return }
    thread = try? BackgroundThread.start(for: "watching the start") { [self] in wait() }
  }

  /// MPI has started.
  public func stop() {
    var byte: UInt8 = 1
    _ = write(started.writing, &byte, 1)
    if let thread { pthread_join(thread, nil) }
    mark.remove()
    close(started.reading)
    close(started.writing)
  }

  /// Negative where the system gives none.
  private static func makePipe() -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return (-1, -1) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// In seconds, so that time in which the process was stopped does not count.
  private func wait() {
    // The first rank speaks for all; where it is the one that is missing, the next one there.
    let limit = TimeLimit.seconds + Double(min(job.rank, 20))
    for _ in 0..<Int(limit.rounded(.up)) where hasStarted(within: 1) { return }
    // A lower rank of this host that is there has spoken, and its launcher needs time to end all; if it is stopped it has not.
    let isPreceded = (0..<job.rank).contains { StartMark.isSet(job: job.name, rank: $0) }
    if isPreceded { for _ in 0..<Self.secondsToEnd where hasStarted(within: 1) { return } }
    JobEnd { _exit(1) }.speak(words)
  }

  private static let secondsToEnd = 10

  private func hasStarted(within seconds: Int) -> Bool {
    var byte = pollfd(fd: started.reading, events: Int16(POLLIN), revents: 0)
    while true {
      let count = poll(&byte, 1, Int32(1000 * seconds))
      if count >= 0 || errno != EINTR { return count > 0 }
    }
  }

  private var words: String {
    let here = (0..<job.size).filter { StartMark.isSet(job: job.name, rank: $0) }
    let missing = (0..<job.size).filter { !here.contains($0) }
    let host = HostPlace.current.name
    let known =
      job.localSize == job.size
      ? (missing.isEmpty
        ? "all are there, and one may be stopped"
        : "\(Alarm.numbers(missing)) on \(host) \(missing.count == 1 ? "has" : "have") not come so far")
      : "of the \(job.localSize) ranks on \(host) \(here.count) have come so far"
    return
      "rank \(job.rank) of \(job.size) has waited \(Int(TimeLimit.seconds)) s for MPI to start (\(known)): see what keeps the other "
      + "processes, and whether every host starts the same program; if they are only slow, allow more seconds with "
      + "LOCKSTEP_TIMEOUT"
  }
}
