/// How long a process has shown no sign of work. Waiting within MPI is none, however much of the processor it takes; outside
/// of it, computing, reading and writing are: nobody can tell a long computation from an endless one.
package struct Idleness {
  /// Of the time that passed, the share of one core that a process uses which merely keeps itself alive.
  private static let leastShare = 0.01

  /// Since the last sign.
  package private(set) var seconds = 0.0
  /// At the last look.
  package private(set) var isWaiting = false
  private var last: ProcessUse?

  package init() {}

  /// - Parameter elapsed: seconds since the last look, in which this process ran.
  package mutating func look(_ use: ProcessUse, after elapsed: Double) {
    seconds = hasWorked(use, elapsed) ? 0 : seconds + elapsed
    isWaiting = use.isWaiting
    last = use
  }

  private func hasWorked(_ use: ProcessUse, _ elapsed: Double) -> Bool {
    guard let last else { return true }
    if use.finishedCalls != last.finishedCalls { return true }
    guard !use.isWaiting else { return false }
    return use.isInDisk || use.cpuSeconds - last.cpuSeconds > Self.leastShare * elapsed
      || use.transfers != last.transfers
  }
}
