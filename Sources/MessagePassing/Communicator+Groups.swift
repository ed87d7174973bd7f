internal import CMPI

extension Communicator {
  /// The same ranks with message traffic of their own: MPI 3.1 §6.4.2. Throws `MPIError`.
  public func duplicate() throws -> Communicator { try duplicate(largestCount: largestCount) }

  /// For tests: splits messages into smaller pieces. Equal on all ranks.
  package func duplicate(largestCount: Int) throws -> Communicator {
    var new = lockstep_mpi_comm_null()
    try check(MPI_Comm_dup(comm.handle, &new.handle), "MPI_Comm_dup", bytes: 0)
    return try Communicator(new, isOwned: true, largestCount: largestCount)
  }

  /// One communicator for each color, its ranks ordered by `key` and then by their rank here; nil on ranks that give no
  /// color. MPI 3.1 §6.4.2.
  ///
  /// - Parameter color: 0 or more.
  /// - Throws: `MPIError`.
  public func split(color: Int?, key: Int = 0) throws -> Communicator? {
    precondition(color.map { $0 >= 0 && $0 <= Int32.max } ?? true, "color \(color ?? 0) is not in 0…\(Int32.max)")
    var new = lockstep_mpi_comm_null()
    let code = color.map { Int32($0) } ?? lockstep_mpi_undefined()
    try check(MPI_Comm_split(comm.handle, code, Int32(clamping: key), &new.handle), "MPI_Comm_split", bytes: 0)
    return color == nil ? nil : try Communicator(new, isOwned: true, largestCount: largestCount)
  }

  /// The ranks that share this rank's memory, in the order of their rank here: MPI 3.1 §6.4.2. Throws `MPIError`.
  public func splitByNode() throws -> Communicator {
    var new = lockstep_mpi_comm_null()
    let kind = lockstep_mpi_comm_type_shared()
    try check(
      MPI_Comm_split_type(comm.handle, kind, Int32(rank), lockstep_mpi_info_null(), &new.handle), "MPI_Comm_split_type",
      bytes: 0)
    return try Communicator(new, isOwned: true, largestCount: largestCount)
  }
}
