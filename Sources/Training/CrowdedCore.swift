import Measurement
import MessagePassing

/// Notices that other programs compute on the core of a rank's training thread. MPI waits by asking again and again, so a
/// rank that waits uses up its turn, and the one that all wait for gets none: a job slows down much more than by the
/// share that it lost.
///
/// A thread that has its core to itself is switched off a few times a second; one that shares it, at the end of every
/// turn of a few milliseconds.
package struct CrowdedCore {
  /// The first steps prepare things: who looks too soon sees them.
  private static let secondsBetweenLooks = 4.0
  /// Turns of less than 20 ms.
  private static let switchesPerSecond = 50.0
  /// A crowded thread has less than this share of the time on a processor.
  private static let leastShare = 0.85

  /// From now on, to be told to all ranks.
  private(set) var isNoticed = false
  /// Nil where there is nothing to notice any more.
  private var lastLook: ThreadUsage?
  /// The user has been told, by this crew or one before it.
  var isSaid = false

  /// - Parameter ranks: one alone waits for nobody.
  init(ranks: Int) {
    lastLook = ranks > 1 && !MessagePassingLibrary.yields ? ThreadUsage.now() : nil
  }

  /// Costs a look at the clock, and every few seconds a call of the system.
  mutating func look() {
    guard let last = lastLook, Self.seconds(since: last) >= Self.secondsBetweenLooks else { return }
    let now = ThreadUsage.now()
    isNoticed = Self.isCrowded(now.since(last))
    lastLook = isNoticed ? nil : now
  }

  package static func isCrowded(_ usage: ThreadUsage) -> Bool {
    usage.cpuSeconds < leastShare * usage.seconds && usage.involuntarySwitches > switchesPerSecond * usage.cpuSeconds
  }

  /// For the user, once.
  mutating func notice(ranksCrowded: Int, of ranks: Int) -> String? {
    guard ranksCrowded > 0, !isSaid else { return nil }
    isSaid = true
    lastLook = nil
    return
      "something else computes on the cores of \(ranksCrowded) of \(ranks) ranks, and MPI's waiting uses up their turns: "
      + "give the job cores of its own, or start it with OMPI_MCA_mpi_yield_when_idle=1 (Open MPI), with which ranks that "
      + "wait let others go first"
  }

  private static func seconds(since usage: ThreadUsage) -> Double {
    Double(MonotonicClock.now()) * 1e-9 - usage.seconds
  }
}
