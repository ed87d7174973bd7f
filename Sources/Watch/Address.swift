import Glibc

/// Where a datagram goes to or came from.
struct Address: Equatable {
  static let loopback = UInt32(0x7f00_0001).bigEndian

  /// IPv4, in network byte order.
  var host: UInt32
  var port: UInt16

  init(host: UInt32, port: UInt16) {
    self.host = host
    self.port = port
  }

  init(_ address: sockaddr_in) { self.init(host: address.sin_addr.s_addr, port: UInt16(bigEndian: address.sin_port)) }

  var forSystem: sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = host
    return address
  }
}
