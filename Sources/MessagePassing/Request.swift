internal import CMPI
import Glibc
import Watch

/// MPI's handle of a non-blocking call, and what to say if it fails. `InFlight` guards its life.
@usableFromInline
struct Request {
  private var handle: lockstep_mpi_request
  private let operation: StaticString
  private let mark: Activity.Mark
  private let rank: Int

  /// - Parameters:
  ///   - bytes: that this rank hands over, where the call is collective; else nil.
  ///   - start: the call, which fills in the handle and returns MPI's code.
  @inline(__always)
  init(
    _ operation: StaticString, _ communicator: Communicator, bytes: Int?,
    _ start: (inout lockstep_mpi_request) throws -> Int32
  ) throws {
    handle = lockstep_mpi_request_null()
    self.operation = operation
    rank = communicator.rank
    mark = Activity.begin(operation, bytes: bytes)
    try checkCode(start(&handle), operation, rank: rank)
    if bytes != nil { Fault.reach(.exchange) }
  }

  @usableFromInline
  mutating func test() throws -> Bool {
    var isComplete: Int32 = 0
    try requireSuccess(MPI_Test(&handle.handle, &isComplete, lockstep_mpi_status_ignore()), operation, rank: rank)
    return isComplete != 0
  }

  @usableFromInline
  mutating func wait() throws {
    Activity.wait(for: mark)
    if MessagePassingLibrary.yields { return try waitBeside(microseconds: 50) }
    try checkCode(MPI_Wait(&handle.handle, lockstep_mpi_status_ignore()), operation, rank: rank)
  }

  /// Sleeps between tests, once many of them have brought nothing: a core that spins is missed by whoever shares it.
  /// `MPI_Wait` gives up its turn where Open MPI is told to, but comes back at once, and has been seen to take half of a core.
  mutating func waitBeside(microseconds: UInt32) throws {
    Activity.wait(for: mark)
    Activity.beginCall()
    defer { Activity.endCall() }
    var tests = 0
    while try !test() {
      tests += 1
      if tests > Self.testsBeforeSleep { usleep(microseconds) }
    }
  }

  /// Small messages arrive meanwhile, and should not wait for a sleeper at each hop: on three hosts of two cores a step took
  /// 416 and 448 ms with a hundred tests, 389 and 392 with a thousand.
  private static let testsBeforeSleep = 1000

  /// For a request that nobody waits for any more: there is no one to tell of an error.
  @usableFromInline
  mutating func finish() {
    if lockstep_mpi_is_pending(&handle) != 0, !isFinalized() {
      Activity.beginCall()
      defer { Activity.endCall() }
      _ = MPI_Wait(&handle.handle, lockstep_mpi_status_ignore())
    }
  }
}
