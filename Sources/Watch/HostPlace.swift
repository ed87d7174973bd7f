import Glibc

/// The host that a process runs on, and its ways to others.
public struct HostPlace: Hashable, Sendable {
  /// Its name.
  public var name: String
  /// Tells networks apart where several hosts share a name and a machine, as containers do.
  public var network: String
  /// Interfaces that are up, the loopback left out.
  public var interfaces: [NetworkInterface]

  /// A place of these facts: see `current`.
  public init(name: String, network: String, interfaces: [NetworkInterface]) {
    self.name = name
    self.network = network
    self.interfaces = interfaces
  }

  /// This process's.
  public static var current: HostPlace {
    HostPlace(name: hostName, network: networkNamespace, interfaces: NetworkInterface.all())
  }

  /// Whether both have the same loopback.
  func isSame(_ other: HostPlace) -> Bool { name == other.name && network == other.network }

  private static var hostName: String {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static var networkNamespace: String {
    var target = [CChar](repeating: 0, count: 64)
    let length = readlink("/proc/self/ns/net", &target, target.count - 1)
    guard length > 0 else { return "" }
    return String(
      decoding: target.prefix(length).map { UInt8(bitPattern: $0) }.filter { (48...57).contains($0) }, as: UTF8.self)
  }
}

extension HostPlace: CustomStringConvertible {
  /// The name, with its ways to others.
  public var description: String {
    interfaces.isEmpty ? "\(name) (no network)" : "\(name) (\(interfaces.map(\.description).joined(separator: ", ")))"
  }
}
