import Glibc

/// The memory that Open MPI's ranks of one host talk through: files in `/dev/shm`, of which containers often have 64 MiB.
package struct SharedMemoryRoom: Equatable, Sendable {
  /// Open MPI 4.1 and 5.0 make a file of 4 MiB for each rank, and want a twentieth more to be free. Where it cannot, the rank
  /// goes by TCP or not at all; what it could make and cannot fill ends the process with SIGBUS.
  private static let bytesPerRank = 4.2 * 1_048_576

  /// Bytes of the whole file system.
  package let bytes: Double
  /// Ranks of this host.
  package let ranks: Int

  package init(bytes: Double, ranks: Int) {
    self.bytes = bytes
    self.ranks = ranks
  }

  /// Nil where nothing is known.
  static func current(ranks: Int) -> SharedMemoryRoom? {
    var facts = statvfs()
    guard statvfs("/dev/shm", &facts) == 0 else { return nil }
    return SharedMemoryRoom(bytes: Double(facts.f_blocks) * Double(facts.f_frsize), ranks: ranks)
  }

  /// For the user; nil where it suffices.
  package var warning: String? {
    let needed = Self.bytesPerRank * Double(ranks)
    guard ranks > 1, bytes < needed else { return nil }
    return
      "/dev/shm holds \(Self.mebibytes(bytes)) on this host, and Open MPI wants \(Self.mebibytes(needed)) for its \(ranks) ranks: it "
      + "will take a slower way, fail to start or end with SIGBUS; give it more (docker run --shm-size=1g, in Kubernetes an "
      + "emptyDir of medium Memory at /dev/shm)"
  }

  private static func mebibytes(_ bytes: Double) -> String { "\(Int((bytes / 1_048_576).rounded(.up))) MiB" }
}
