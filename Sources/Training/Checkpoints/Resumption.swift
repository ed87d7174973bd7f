import Configuration

/// A run went on from a checkpoint: what was done after it, and before that, is lost.
public struct Resumption: Encodable, Equatable, Sendable {
  /// Updates made up to the checkpoint.
  public var updates: Int
  /// Ranks that wrote it.
  public var ranks: Int
  /// When it was written: ISO 8601, UTC.
  public var writtenAt: String
  /// Seconds from then until the run went on: work that was lost, and the wait.
  public var lostSeconds: Double
  /// Updates after the checkpoint that had been made, and are made again; where not a process but a machine ended, as of the last time
  /// that its system brought their number to the disk. Nil where it is not known.
  public var lostUpdates: Int?

  /// All that is known.
  package init(updates: Int, ranks: Int, writtenAt: String, lostSeconds: Double, lostUpdates: Int?) {
    (self.updates, self.ranks, self.writtenAt) = (updates, ranks, writtenAt)
    (self.lostSeconds, self.lostUpdates) = (lostSeconds, lostUpdates)
  }
}

private enum ResumptionKey: String, SectionKey { case updates, ranks, writtenAt, lostSeconds, lostUpdates }

extension Resumption {
  /// As a record holds it.
  init(_ node: ConfigurationNode) throws {
    let section = try Section<ResumptionKey>(node)
    self.init(
      updates: try section.required(.updates).whole(in: ConfigurationNode.amounts),
      ranks: try section.required(.ranks).whole(), writtenAt: try section.required(.writtenAt).anyText(),
      lostSeconds: try section.required(.lostSeconds).figure(.amount),
      lostUpdates: try section.optional(.lostUpdates)?.whole(in: ConfigurationNode.amounts))
  }
}
