import Glibc

/// An interface of this host with an IPv4 address.
public struct NetworkInterface: Hashable, Sendable {
  /// For instance `eth0`.
  public var name: String
  /// In network byte order.
  public var address: UInt32

  /// An interface of these facts: see `all`.
  public init(name: String, address: UInt32) {
    self.name = name
    self.address = address
  }

  /// All that are up, without the loopback.
  static func all() -> [NetworkInterface] {
    var first: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&first) == 0 else { return [] }
    defer { freeifaddrs(first) }
    return sequence(first: first) { $0?.pointee.ifa_next }.compactMap { $0.flatMap { interface($0.pointee) } }
  }

  private static func interface(_ entry: ifaddrs) -> NetworkInterface? {
    let isUp = entry.ifa_flags & UInt32(IFF_UP) != 0
    let isLoopback = entry.ifa_flags & UInt32(IFF_LOOPBACK) != 0
    guard isUp, !isLoopback, let address = entry.ifa_addr, address.pointee.sa_family == AF_INET else { return nil }
    let number = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { $0.pointee.sin_addr.s_addr }
    return NetworkInterface(name: String(cString: entry.ifa_name), address: number)
  }
}

extension NetworkInterface: CustomStringConvertible {
  /// For instance `eth0 10.77.0.1`.
  public var description: String {
    let bytes = withUnsafeBytes(of: address) { $0.map(String.init).joined(separator: ".") }
    return "\(name) \(bytes)"
  }
}
