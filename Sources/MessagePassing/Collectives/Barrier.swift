internal import CMPI

extension Communicator {
  /// Returns when every rank has come here. MPI 3.1 §5.3. Throws `MPIError`.
  public func barrier() throws { try check(MPI_Barrier(comm.handle), "MPI_Barrier", bytes: 0) }

  /// Completes when every rank has started it. MPI 3.1 §5.12.1. Throws `MPIError`.
  public func startBarrier() throws -> InFlight<Void> {
    InFlight(try Request("MPI_Ibarrier", self, bytes: 0) { MPI_Ibarrier(comm.handle, &$0.handle) }, ())
  }

  /// A barrier that sleeps while it waits, for ranks that idle for long: a blocked MPI call may spin a core at 100 %.
  /// Throws `MPIError`.
  public func politeBarrier() throws { try startBarrier().waitPolitely() }
}
