/// Why MPI could not be started as asked. Every process that gets it should print it: none knows of the others. Those that
/// the launcher's variables do not call the first get it a second later, so that a launcher may end them before.
public enum StartError: Error, Equatable, Sendable {
  /// The library grants fewer rights to threads than were asked for.
  case threadLevel(wanted: ThreadLevel, provided: ThreadLevel, library: String)
  /// A launcher started several processes, but to this MPI library each is alone.
  case wrongLauncher(launcher: String, rank: Int, size: Int, library: String)
  /// The world has another size than a variable of the launcher, or of the batch system, says.
  case otherSize(variable: String, stated: Int, world: Int)
  /// MPI starts once in a process: MPI 3.1 §8.7.
  case startedBefore
}

extension StartError: CustomStringConvertible {
  /// One sentence with the remedy.
  public var description: String {
    switch self {
    case .threadLevel(let wanted, let provided, let library):
      "MPI thread level \(wanted) is needed, but \(library) provides only \(provided): use a build of it with threads"
    case .wrongLauncher(let launcher, let rank, let size, let library):
      """
      started as rank \(rank) of \(size) by \(launcher), but MPI sees a world of 1: that launcher does not belong to \
      the MPI library of this program, \(library). Start it with that library's own mpirun (compare `mpirun \
      --version`), or under Slurm with `srun --mpi=pmix` (`srun --mpi=list` shows what there is). If it was not started \
      by a launcher at all, that variable is a leftover: unset it
      """
    case .otherSize(let variable, let stated, let world):
      """
      \(variable) is \(stated), but MPI sees a world of \(world): start \(stated) ranks with the launcher of this MPI \
      library (mpirun -np \(stated), under Slurm `srun --mpi=pmix`), or, where \(world) \(world == 1 ? "is" : "are") \
      meant or the variable is a leftover, unset \(variable)
      """
    case .startedBefore:
      "MPI was started before in this process; it starts only once: use one withMessagePassing for everything"
    }
  }
}
