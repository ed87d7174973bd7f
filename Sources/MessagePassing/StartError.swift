/// Why MPI could not be started as asked. Every rank gets it; `LauncherEnvironment.current.isFirst` says which one
/// should print it.
public enum StartError: Error, Equatable, Sendable {
  case threadLevel(wanted: ThreadLevel, provided: ThreadLevel, library: String)
  /// A launcher started several processes, but to this MPI library each is alone.
  case wrongLauncher(launcher: String, rank: Int, size: Int, library: String)
  /// MPI starts once in a process: MPI 3.1 §8.7.
  case startedBefore
}

extension StartError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .threadLevel(let wanted, let provided, let library):
      "MPI thread level \(wanted) is needed, but \(library) provides only \(provided): use a build of it with threads"
    case .wrongLauncher(let launcher, let rank, let size, let library):
      """
      started as rank \(rank) of \(size) by \(launcher), but MPI sees a world of 1: that launcher does not belong to \
      the MPI library of this program, \(library). Start it with that library's own mpirun (compare `mpirun \
      --version`), or under Slurm with `srun --mpi=pmix` (`srun --mpi=list` shows what there is)
      """
    case .startedBefore:
      "MPI was started before in this process; it starts only once: use one withMessagePassing for everything"
    }
  }
}
