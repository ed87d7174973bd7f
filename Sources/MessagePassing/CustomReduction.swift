internal import CMPI

/// A way of one's own in which values of several ranks become one: MPI 3.1 §5.9.5. Must be associative and commutative, up to
/// rounding.
public final class CustomReduction {
  /// Adds the elements of the first array to those of the second; no captures, and it may not throw.
  public typealias Function =
    @convention(c) (
      _ values: UnsafeRawPointer?, _ sums: UnsafeMutableRawPointer?, _ count: UnsafePointer<Int32>?,
      _ type: UnsafeMutableRawPointer?
    ) -> Void

  let handle: lockstep_mpi_op

  /// - Throws: `MPIError`.
  public init(_ function: Function) throws {
    var handle = lockstep_mpi_sum()
    try checkCode(lockstep_mpi_op_create(function, &handle), "MPI_Op_create", rank: nil)
    self.handle = handle
  }

  deinit {
    var handle = handle
    if !isFinalized() { _ = MPI_Op_free(&handle.handle) }
  }
}
