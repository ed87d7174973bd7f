internal import CMPI
import Glibc
import Watch

/// A group of ranks that talk among themselves: MPI 3.1 §6. The first one comes from `withMessagePassing`; others are
/// made from it and are freed with their last reference. Every rank of a communicator must make the same collective
/// calls in the same order.
///
/// Not `Sendable`: a thread that talks to MPI gets a duplicate of its own, and a thread level that allows it.
public final class Communicator {
  /// This process's number, from 0; another one only after `leaveOutLost`.
  public private(set) var rank: Int
  /// Ranks of the communicator; fewer only after `leaveOutLost`.
  public private(set) var size: Int
  private(set) var comm: lockstep_mpi_comm
  /// MPI 3.1 counts in `int`. Longer messages are sent in pieces where that means the same, and refused otherwise.
  let largestCount: Int
  private var isOwned: Bool
  /// Whether ranks were left out that were lost.
  public private(set) var hasLost = false
  /// What is to be done anew by those who are left.
  var afterLoss: () throws -> Void = {}
  /// Whether it is that of all ranks of the job.
  var isOfJob = false

  /// Sets `MPI_ERRORS_RETURN` (MPI 3.1 §8.3), so that every failure becomes an `MPIError`.
  init(_ comm: lockstep_mpi_comm, isOwned: Bool, largestCount: Int = Int(Int32.max)) throws {
    precondition(largestCount > 0 && largestCount <= Int32.max, "largest count \(largestCount)")
    (rank, size) = try Self.place(in: comm)
    self.comm = comm
    self.largestCount = largestCount
    self.isOwned = isOwned
    LiveCommunicators.add(self)
  }

  deinit {
    LiveCommunicators.remove(self)
    free()
  }

  private func free() {
    var comm = comm
    if isOwned, !isFinalized() { _ = MPI_Comm_free(&comm.handle) }
  }

  private static func place(in comm: lockstep_mpi_comm) throws -> (rank: Int, size: Int) {
    var (rank, size): (Int32, Int32) = (0, 0)
    try checkCode(
      MPI_Comm_set_errhandler(comm.handle, lockstep_mpi_errors_return()), "MPI_Comm_set_errhandler", rank: nil)
    try checkCode(MPI_Comm_rank(comm.handle, &rank), "MPI_Comm_rank", rank: nil)
    try checkCode(MPI_Comm_size(comm.handle, &size), "MPI_Comm_size", rank: nil)
    return (Int(rank), Int(size))
  }

  /// Takes the place of the ranks that there were.
  func become(_ survivors: lockstep_mpi_comm) throws {
    free()
    (comm, isOwned, hasLost) = (survivors, true, true)
    LiveCommunicators.add(self)
    (rank, size) = try Self.place(in: comm)
  }

  /// Ends every rank of the job with this error on standard error and exit code 1: MPI 3.1 §8.7.
  public func abort(_ error: any Error) -> Never {
    // An error that ends one rank often ends others at the same moment, such as a file that all of them read: the
    // lowest one speaks, and ends the rest before they do.
    if rank > 0 { usleep(1_000_000 + 100_000 * UInt32(min(rank, 20))) }
    printToStandardError("lockstep: rank \(rank): \(error)")
    _ = MPI_Abort(comm.handle, 1)
    fatalError("MPI_Abort returned")
  }
}

extension Communicator {
  /// - Parameter bytes: that this rank hands over, where the call is collective; else nil.
  @inline(__always)
  func check(_ call: @autoclosure () throws -> Int32, _ operation: StaticString, bytes: Int? = nil) throws {
    Activity.begin(operation, bytes: bytes)
    try checkCode(try call(), operation, rank: rank)
  }

  /// `count` as MPI takes it, where the call cannot be split.
  @inline(__always)
  func whole(_ count: Int, _ operation: StaticString) throws -> Int32 {
    guard count <= largestCount else { throw tooMany(count, operation) }
    return Int32(truncatingIfNeeded: count)
  }

  /// Calls `body` with the start and length of each piece, in elements; at least once, even for nothing.
  @inline(__always)
  func pieces(of count: Int, _ body: (_ start: Int, _ count: Int32) throws -> Void) throws {
    var start = 0
    repeat {
      let piece = min(count - start, largestCount)
      try body(start, Int32(truncatingIfNeeded: piece))
      start += piece
    } while start < count
  }

  @inline(never)
  func tooMany(_ count: Int, _ operation: StaticString) -> MPIError {
    MPIError(
      operation: "\(operation)", code: Int(lockstep_mpi_error_count()),
      text: "\(count) elements are more than one call can take (\(largestCount)); split them into several calls",
      rank: rank)
  }
}
