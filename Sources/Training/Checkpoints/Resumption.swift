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
}

private enum ResumptionKey: String, SectionKey { case updates, ranks, writtenAt, lostSeconds }

extension Resumption {
  /// As a record holds it.
  init(_ node: ConfigurationNode) throws {
    let section = try Section<ResumptionKey>(node)
    self.init(
      updates: try section.required(.updates).whole(in: ConfigurationNode.amounts),
      ranks: try section.required(.ranks).whole(), writtenAt: try section.required(.writtenAt).anyText(),
      lostSeconds: try section.required(.lostSeconds).figure(.amount))
  }
}
