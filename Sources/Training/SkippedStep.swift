import Configuration

/// A step that was left out, as its loss or its gradient was not finite.
public struct SkippedStep: Encodable, Equatable, Sendable {
  /// The update that it would have been: from 1.
  public var update: Int
  /// Where it first became no number, in words; nil where that was not found.
  public var place: String?

  /// - Parameter update: from 1.
  public init(update: Int, place: String? = nil) { (self.update, self.place) = (update, place) }
}

private enum SkippedStepKey: String, SectionKey { case update, place }

extension SkippedStep {
  /// As a record holds it.
  init(_ node: ConfigurationNode) throws {
    let section = try Section<SkippedStepKey>(node)
    self.init(
      update: try section.required(.update).whole(in: 1...ConfigurationNode.amounts.upperBound),
      place: try section.optional(.place)?.anyText())
  }
}

extension [SkippedStep] {
  /// How many of them come right before the step that follows so many updates.
  package func inARow(before updates: Int) -> Int {
    zip(reversed(), stride(from: updates, to: 0, by: -1)).prefix { $0.update == $1 }.count
  }
}
