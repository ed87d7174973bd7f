import Foundation
import Measurement
import MessagePassing

/// The circumstances of a rank that decide how fast it gets on with others.
package struct RankSurroundings: Equatable, Sendable {
  /// The host's name.
  package var host: String
  /// The processors that it may run on, as the kernel lists them.
  package var processors: String
  /// Open MPI's choice of transports, by its settings: `btl` and `pml`.
  package var transports: String
  /// Of the layer above them.
  package var messageLayer: String
  /// Why it may not read the memory of the next rank of its host; empty where it may, or is alone.
  package var refusal: String

  package init(
    host: String, processors: String, transports: String = "", messageLayer: String = "", refusal: String = ""
  ) {
    self.host = host
    self.processors = processors
    self.transports = transports
    self.messageLayer = messageLayer
    self.refusal = refusal
  }

  /// This rank's. Collective. Throws `MPIError`.
  static func current(_ communicator: Communicator) throws -> RankSurroundings {
    func setting(_ name: String) -> String { getenv("OMPI_MCA_\(name)").map { String(cString: $0) } ?? "" }
    return RankSurroundings(
      host: ProcessInfo.processInfo.hostName,
      processors: SystemFile.field("Cpus_allowed_list", of: "/proc/self/status") ?? "", transports: setting("btl"),
      messageLayer: setting("pml"), refusal: try NeighbourMemory.refusal(communicator) ?? "")
  }

  /// Of all ranks, in their order. Collective. Throws `MPIError`.
  static func all(_ communicator: Communicator) throws -> [RankSurroundings] {
    try communicator.allGather(try current(communicator).text).map(RankSurroundings.init(text:))
  }

  /// Each host's ranks and the processors that they may run on: `node0: 0 | 1`.
  package static func bindings(_ ranks: [RankSurroundings]) -> [String] {
    let hosts = ranks.map(\.host).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return hosts.map { host in
      let places = ranks.filter { $0.host == host }.map { $0.processors.isEmpty ? "not known" : $0.processors }
      return "\(host): \(places.joined(separator: " | "))"
    }
  }

  private static let separator: Character = "\t"

  /// One line.
  package var text: String {
    [host, processors, transports, messageLayer, refusal].joined(separator: String(Self.separator))
  }

  /// Of a line that `text` made.
  package init(text: String) {
    let fields = text.split(separator: Self.separator, omittingEmptySubsequences: false).map(String.init)
    self.init(
      host: fields[0], processors: fields[1], transports: fields[2], messageLayer: fields[3], refusal: fields[4])
  }
}
