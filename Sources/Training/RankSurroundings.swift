import Foundation
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
