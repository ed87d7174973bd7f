import Buffers
internal import CMPI
import Glibc
import Synchronization

/// A thread that calls MPI for a moment again and again while messages are under way: most MPI libraries move bytes only
/// inside their own calls, and a rank that computes makes none. In between it sleeps, as the core is needed for computing
/// and a socket holds what a fraction of a millisecond brings.
///
/// It never touches a request: those belong to whoever started them.
public final class ProgressThread {
  private let worker: Worker
  private let thread: pthread_t

  /// Collective.
  ///
  /// - Parameter communicator: duplicated; nothing is ever sent on the duplicate, which is only asked for messages.
  /// - Throws: `StartError` where MPI lets only one thread call it, `ThreadError` where the system has none to give.
  public init(beside communicator: Communicator) throws {
    let granted = MessagePassingLibrary.threadLevel
    guard granted >= .multiple else {
      throw StartError.threadLevel(wanted: .multiple, provided: granted, library: MessagePassingLibrary.version)
    }
    let worker = Worker(try communicator.duplicate())
    self.worker = worker
    thread = try BackgroundThread.start(for: "moving messages on") { worker.run() }
  }

  /// Messages are under way.
  public func resume() { worker.change(to: .moving) }

  /// Nothing is under way, or somebody waits within MPI.
  public func pause() { worker.change(to: .resting) }

  deinit {
    worker.change(to: .ending)
    pthread_join(thread, nil)
  }

  /// Shared by the two threads. The communicator is the worker's alone from here on; the other thread frees it when this
  /// one has ended.
  private final class Worker: @unchecked Sendable {
    enum Mode: UInt8, AtomicRepresentable { case resting, moving, ending }

    /// In which 10 Gbit/s bring a quarter of a megabyte: less than a socket holds.
    private static let microsecondsBetweenCalls: UInt32 = 200

    private let mode = Atomic(Mode.resting)
    private let communicator: Communicator
    private let wakeUp: UnsafeMutablePointer<sem_t>

    init(_ communicator: Communicator) {
      self.communicator = communicator
      wakeUp = .allocate(capacity: 1)
      sem_init(wakeUp, 0, 0)
    }

    deinit {
      sem_destroy(wakeUp)
      wakeUp.deallocate()
    }

    func change(to new: Mode) {
      mode.store(new, ordering: .releasing)
      if new != .resting { sem_post(wakeUp) }
    }

    func run() {
      while true {
        switch mode.load(ordering: .acquiring) {
        case .ending: return
        case .resting: sem_wait(wakeUp)
        case .moving:
          // An error is for the thread that waits for the messages: it gets one too.
          guard communicator.isAnythingThere() else { return }
          usleep(Self.microsecondsBetweenCalls)
        }
      }
    }
  }
}

extension Communicator {
  /// Looks for messages, and moves all on that are under way on any communicator: MPI 3.1 §3.8.1.
  ///
  /// - Returns: false where the call failed.
  func isAnythingThere() -> Bool {
    var isThere: Int32 = 0
    return MPI_Iprobe(
      lockstep_mpi_any_source(), lockstep_mpi_any_tag(), comm.handle, &isThere, lockstep_mpi_status_ignore())
      == lockstep_mpi_success()
  }
}
