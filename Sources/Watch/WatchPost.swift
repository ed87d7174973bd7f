import Glibc

/// Where this process listens for the watchdogs of others, before it knows who they are.
public struct WatchPost: Sendable {
  let socket: DatagramSocket?

  /// Opens a port, where the system gives one.
  public init() { socket = DatagramSocket() }

  /// The port that it listens on; 0 for none: then nobody watches this process, and it watches nobody.
  public var port: UInt16 { socket?.port ?? 0 }

  /// Starts the watchdog.
  ///
  /// - Parameters:
  ///   - members: the ranks of the job.
  ///   - job: a number that no other job has, the same on all ranks.
  ///   - end: how the job ends where it cannot go on.
  public func watch(_ members: [Member], rank: Int, job: UInt64, _ end: JobEnd) -> Watchdog? {
    guard let socket, members.count > 1 else { return nil }
    return Watchdog(socket, members, rank: rank, job: job, end)
  }
}
