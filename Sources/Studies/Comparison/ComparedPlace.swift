import Configuration

/// Where several studies may have trials: a place on their axes, in the part of that name.
public struct ComparedPlace: OnAxes, Hashable, Sendable {
  /// nil where studies have no parts.
  public var part: String?
  /// Values without the seed.
  public var values: AxisValues

  init(part: String?, _ values: AxisValues) {
    self.part = part
    self.values = values.without(.seed)
  }

  /// What decides data and model.
  struct Scope: Hashable {
    let part: String?
    let variant: String?
  }
  var scope: Scope { Scope(part: part, variant: variant) }

  package func without(_ axis: Axis) -> ComparedPlace { ComparedPlace(part: part, values.without(axis)) }
}

extension ComparedPlace: Encodable {
  private enum CodingKeys: String, CodingKey { case part }

  /// A value by each axis' key, and the part.
  public func encode(to encoder: any Encoder) throws {
    try values.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encodeIfPresent(part, forKey: .part)
  }
}

extension [ComparedPlace] {
  /// Each once: parts and variants in the order in which they come first, then by further axes, ranks (the most first), rule and
  /// global batch.
  package var inOrder: [ComparedPlace] {
    let scopes = map(\.scope).uniqued
    let rules = LearningRateConfiguration.Scaling.allCases
    func order(_ place: ComparedPlace) -> [AxisValue] {
      [.whole(scopes.firstIndex(of: place.scope) ?? 0)] + Axis.further.map { place.values[$0] ?? .number(-.infinity) }
        // The complement turns the order round, and is a number for each.
        + [.whole(~place.ranks), .whole(rules.firstIndex(of: place.scaling) ?? 0), .whole(place.globalBatch)]
    }
    return Array(Set(self)).map { (place: $0, order: order($0)) }
      .sorted { $0.order.lexicographicallyPrecedes($1.order) }.map(\.place)
  }
}
