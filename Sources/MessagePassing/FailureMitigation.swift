internal import CMPI
import Glibc

/// User-level failure mitigation (ULFM): calls by which the ranks of a job go on without those that died. W. Bland and others,
/// Post-failure recovery of MPI communication capability, 2013. Open MPI from 5 on has it, and wants to be started with it
/// (`mpirun --with-ft ulfm`).
struct FailureMitigation: @unchecked Sendable {
  let revoke: lockstep_mpi_revoke_function
  let shrink: lockstep_mpi_shrink_function
  let agree: lockstep_mpi_agree_function

  /// Nil where the library has none, or was not started with it.
  static let current: FailureMitigation? = {
    guard MessagePassingLibrary.version.hasPrefix("Open MPI"), isAsked,
      let revoke = dlsym(nil, "MPIX_Comm_revoke"), let shrink = dlsym(nil, "MPIX_Comm_shrink"),
      let agree = dlsym(nil, "MPIX_Comm_agree")
    else { return nil }
    return FailureMitigation(
      revoke: unsafeBitCast(revoke, to: lockstep_mpi_revoke_function.self),
      shrink: unsafeBitCast(shrink, to: lockstep_mpi_shrink_function.self),
      agree: unsafeBitCast(agree, to: lockstep_mpi_agree_function.self))
  }()

  /// mpirun tells its ranks so.
  private static var isAsked: Bool {
    getenv("OMPI_MCA_mpi_ft_enable").map { ["1", "true", "yes"].contains(String(cString: $0)) } ?? false
  }
}

extension Communicator {
  /// Whether ranks may be lost and the others go on, by `settle` and `leaveOutLost`: of the one that `withMessagePassing` gives.
  public var maySurvive: Bool { isOfJob && size > 1 && FailureMitigation.current != nil }

  /// The end of work that all ranks do together, however it went here; before anything is done about lost ranks, and by
  /// all that are left. Nobody waits for a rank that is lost.
  ///
  /// - Parameter isDone: false where a call of MPI failed, as calls do that wait for a lost rank.
  /// - Returns: whether it was done on all that are left, and whether none of the ranks is lost.
  public func settle(isDone: Bool) -> (isDone: Bool, isWhole: Bool) {
    guard let mitigation = FailureMitigation.current else { return (isDone, isDone) }
    // Those who wait for ranks that have failed already learn of it.
    if !isDone { for comm in LiveCommunicators.all { _ = mitigation.revoke(comm.handle) } }
    var flag: Int32 = isDone ? 1 : 0
    let code = mitigation.agree(comm.handle, &flag)
    return (flag == 1, code == lockstep_mpi_success())
  }

  /// This communicator is from now on that of the ranks that are left, in the order they had. Those made from it are of no more use. Of
  /// the one that `withMessagePassing` gives, after `settle` on all that are left; collective on these.
  ///
  /// - Throws: `MPIError`, where more of them are lost meanwhile.
  public func leaveOutLost() throws {
    guard let mitigation = FailureMitigation.current else { return }
    var survivors = lockstep_mpi_comm_null()
    try check(mitigation.shrink(comm.handle, &survivors.handle), "MPIX_Comm_shrink", bytes: 0)
    try become(survivors)
    try afterLoss()
  }
}
