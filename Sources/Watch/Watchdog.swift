import Buffers
import Glibc
import Synchronization

/// A thread that knows, without MPI, whether the job's other ranks are still there: MPI has no time limits, and a rank that
/// stops answering leaves all others waiting for ever.
///
/// Every rank sends the first one a datagram now and then, with the time since it last did any work, and gets an answer. The
/// first one watches all; all watch the first one. Whoever misses another asks everybody, to know who else is gone; then the
/// first rank, or the lowest that is left, says it and ends the job.
public final class Watchdog: Sendable {
  private let socket: DatagramSocket
  private let thread: pthread_t
  private let isOver: Ending

  /// Nil where the system gives no thread.
  init?(_ socket: DatagramSocket, _ members: [Member], rank: Int, job: UInt64, _ end: JobEnd) {
    let isOver = Ending()
    let round = WatchRound(socket, members, rank: rank, job: job, end)
    guard let thread = try? BackgroundThread.start(for: "watching other ranks", { round.run(until: isOver) }) else {
      return nil
    }
    self.socket = socket
    self.thread = thread
    self.isOver = isOver
  }

  /// The job's work is done: from here on others may be gone.
  public func stop() {
    isOver.flag.store(true, ordering: .relaxed)
    let wake = Message(job: 0, kind: .wake, rank: 0)
    socket.send(wake.bytes, to: Address(host: Address.loopback, port: socket.port))
    pthread_join(thread, nil)
  }

  final class Ending: Sendable {
    let flag = Atomic<Bool>(false)
  }
}
