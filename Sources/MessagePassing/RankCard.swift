import Watch

/// What a rank tells of itself before the ranks first work together.
package struct RankCard: Equatable, Sendable {
  package var member: Member
  /// `Executable.fingerprint`.
  package var executable: String

  package init(member: Member, executable: String) {
    self.member = member
    self.executable = executable
  }

  /// Bytes that a card takes at most on its way.
  static let size = 1024

  /// Interfaces are left out at the end where there is no room for all.
  package var text: String {
    let place = member.place
    let head = "\(member.port)\t\(executable)\t\(place.network)\t\(place.name)"
    return place.interfaces.reduce(into: head) { text, interface in
      let more = "\t\(interface.name)=\(interface.address)"
      if text.utf8.count + more.utf8.count <= Self.size { text += more }
    }
  }

  /// Nil for what no rank wrote.
  package init?(text: some StringProtocol) {
    let fields = text.split(separator: "\t", omittingEmptySubsequences: false)
    guard fields.count >= 4, let port = UInt16(fields[0]) else { return nil }
    let interfaces = fields.dropFirst(4).compactMap { field -> NetworkInterface? in
      let parts = field.split(separator: "=")
      guard parts.count == 2, let address = UInt32(parts[1]) else { return nil }
      return NetworkInterface(name: String(parts[0]), address: address)
    }
    let place = HostPlace(name: String(fields[3]), network: String(fields[2]), interfaces: interfaces)
    self.init(member: Member(place: place, port: port), executable: String(fields[1]))
  }
}
