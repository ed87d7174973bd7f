import Glibc

/// A name in the system's own space that says that a rank of this host has come as far as MPI's start: an abstract socket
/// (unix(7)), which is gone with its process.
struct StartMark {
  private let descriptor: Int32

  /// Sets the mark, for as long as this process lives or until `remove`.
  init(job: String, rank: Int) {
    descriptor = Self.withName(job, rank) { descriptor, address, length in bind(descriptor, address, length) }
  }

  func remove() { if descriptor >= 0 { close(descriptor) } }

  /// Whether that rank is here and has come so far.
  static func isSet(job: String, rank: Int) -> Bool {
    let descriptor = withName(job, rank) { descriptor, address, length in connect(descriptor, address, length) }
    if descriptor >= 0 { close(descriptor) }
    return descriptor >= 0
  }

  /// - Returns: the socket; negative where the call fails.
  private static func withName(
    _ job: String, _ rank: Int, _ call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return -1 }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    // A job's name may be longer than there is room for.
    let name = Array("\0lockstep \(rank) \(job)".utf8.prefix(100))
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
    let status = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { call(descriptor, $0, length) }
    }
    guard status == 0 else {
      close(descriptor)
      return -1
    }
    return descriptor
  }
}
