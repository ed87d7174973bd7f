import Glibc

/// A UDP socket of a port that the system picks, on all interfaces.
final class DatagramSocket: Sendable {
  private static let doNotWait = Int32(MSG_DONTWAIT)

  private let descriptor: Int32
  let port: UInt16

  /// Nil where the system gives none.
  init?() {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return nil }
    var address = Address(host: 0, port: 0).forSystem
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = Self.withSystemAddress(&address) { bind(descriptor, $0, length) }
    guard status == 0, Self.withSystemAddress(&address, { getsockname(descriptor, $0, &length) }) == 0 else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    port = Address(address).port
  }

  deinit { close(descriptor) }

  /// Nobody learns whether it arrives.
  func send(_ bytes: [UInt8], to address: Address) {
    var address = address.forSystem
    _ = Self.withSystemAddress(&address) {
      sendto(
        descriptor, bytes, bytes.count, Self.doNotWait, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }

  /// The next datagram's first bytes; nil where none comes in time.
  func receive(atMost count: Int, within seconds: Double) -> (bytes: ArraySlice<UInt8>, from: Address)? {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, Int32(max(0, seconds * 1000).rounded(.up))) > 0 else { return nil }
    var bytes = [UInt8](repeating: 0, count: count + 1)
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let received = Self.withSystemAddress(&address) {
      recvfrom(descriptor, &bytes, bytes.count, Self.doNotWait, $0, &length)
    }
    guard received >= 0 else { return nil }
    return (bytes.prefix(received), Address(address))
  }

  private static func withSystemAddress<R>(
    _ address: inout sockaddr_in, _ body: (UnsafeMutablePointer<sockaddr>) -> R
  ) -> R {
    withUnsafeMutablePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1, body) }
  }
}
