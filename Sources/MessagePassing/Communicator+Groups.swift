internal import CMPI

extension Communicator {
  /// The same ranks with message traffic of their own: MPI 3.1 §6.4.2.
  public func duplicate() throws -> Communicator {
    var new = lockstep_mpi_comm_null()
    try check(MPI_Comm_dup(comm.handle, &new.handle), "MPI_Comm_dup")
    return try inheriting(new)
  }

  /// One communicator for each color, its ranks ordered by `key` and then by their rank here; nil on ranks that give no
  /// color. MPI 3.1 §6.4.2.
  ///
  /// - Parameter color: 0 or more.
  public func split(color: Int?, key: Int = 0) throws -> Communicator? {
    precondition(color.map { $0 >= 0 && $0 <= Int32.max } ?? true, "color \(color ?? 0) is not in 0…\(Int32.max)")
    var new = lockstep_mpi_comm_null()
    let code = color.map { Int32($0) } ?? lockstep_mpi_undefined()
    try check(MPI_Comm_split(comm.handle, code, Int32(clamping: key), &new.handle), "MPI_Comm_split")
    return color == nil ? nil : try inheriting(new)
  }

  /// The ranks that share this rank's memory, in the order of their rank here: MPI 3.1 §6.4.2.
  public func splitByNode() throws -> Communicator {
    var new = lockstep_mpi_comm_null()
    let kind = lockstep_mpi_comm_type_shared()
    try check(
      MPI_Comm_split_type(comm.handle, kind, Int32(rank), lockstep_mpi_info_null(), &new.handle), "MPI_Comm_split_type")
    return try inheriting(new)
  }

  private func inheriting(_ new: lockstep_mpi_comm) throws -> Communicator {
    let communicator = try Communicator(new, isOwned: true)
    communicator.largestCount = largestCount
    return communicator
  }
}
