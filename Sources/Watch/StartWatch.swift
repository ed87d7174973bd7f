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
  private let started: UnsafeMutablePointer<sem_t>
  private var thread: pthread_t?

  /// From now on.
  public init(_ job: Job) {
    self.job = job
    mark = StartMark(job: job.name, rank: job.rank)
    started = .allocate(capacity: 1)
    sem_init(started, 0, 0)
    thread = try? BackgroundThread.start(for: "watching the start") { [self] in wait() }
  }

  /// MPI has started.
  public func stop() {
    sem_post(started)
    if let thread { pthread_join(thread, nil) }
    mark.remove()
    sem_destroy(started)
    started.deallocate()
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
    var end = timespec()
    clock_gettime(CLOCK_REALTIME, &end)
    end.tv_sec += seconds
    while sem_timedwait(started, &end) != 0 {
      if errno != EINTR { return false }
    }
    return true
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
