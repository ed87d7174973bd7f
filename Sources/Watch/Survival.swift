import Synchronization

/// Whether the job goes on without ranks that die: then one that does not answer is ended by whoever can, for only of the dead
/// does MPI tell the others. Set by the thread that calls MPI, read by the one that watches.
public enum Survival {
  private static let flag = Atomic<Bool>(false)

  /// From now on; false where nobody says otherwise.
  public static var isInForce: Bool {
    get { flag.load(ordering: .relaxed) }
    set { flag.store(newValue, ordering: .relaxed) }
  }
}
