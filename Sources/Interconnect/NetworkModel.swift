import Files
import Foundation

/// What collective calls cost on a cluster: as measured (`lockstep network`, kept as `network.json`), or as a data sheet has
/// it.
public struct NetworkModel: Encodable, Equatable, Sendable {
  /// Of the stored file.
  public static let format = "lockstep network model"
  /// Of the stored file.
  public static let version = 1
  /// The usual name of the file.
  public static let fileName = "network.json"

  /// What the file is.
  public private(set) var format = NetworkModel.format
  /// Of the file's format.
  public private(set) var version = NetworkModel.version
  /// nil where nothing was measured.
  public var facts: NetworkFacts?
  /// nil where it was measured.
  public var dataSheet: DataSheet?
  /// In the order in which they were made.
  public var times: [CollectiveTime]
  /// One a collective and group of ranks.
  public var fits: [CollectiveFit]
  /// Where MPI changes what it does, for the worse.
  public var cliffs: [Cliff]
  /// Median relative miss over all sizes that fits of every second size did not see; nil for too few sizes.
  public var heldOutError: Double?

  /// From figures that nobody has measured.
  public init(dataSheet: DataSheet) {
    self.init(facts: nil, dataSheet: dataSheet, times: [], fits: [], cliffs: [], heldOutError: nil)
  }

  /// From the latency of a message and the bandwidth of a node's network card.
  public init(dataSheet latencySeconds: Double, bandwidthBytesPerSecond: Double) {
    let link = DataSheet.Link(latencySeconds: latencySeconds, bytesPerSecond: bandwidthBytesPerSecond)
    self.init(dataSheet: DataSheet(betweenNodes: link))
  }

  package init(
    facts: NetworkFacts?, dataSheet: DataSheet?, times: [CollectiveTime], fits: [CollectiveFit], cliffs: [Cliff],
    heldOutError: Double?
  ) {
    self.facts = facts
    self.dataSheet = dataSheet
    self.times = times
    self.fits = fits
    self.cliffs = cliffs
    self.heldOutError = heldOutError
  }

  /// As the file holds it: equal models are equal bytes.
  public func data() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
    return try encoder.encode(self)
  }

  /// Throws `FileError`.
  public func write(to file: String) throws { try AtomicFile.write(try data(), to: file) }
}
