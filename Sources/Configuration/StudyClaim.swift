/// A publication's statement, beside a quantity of the study that can be held against it. Whether they agree is decided by
/// the bounds that stand in the file, never by the program.
public struct StudyClaim: Encodable, Equatable, Sendable {
  /// The publication.
  public var source: String
  /// What, in a sentence.
  public var text: String
  /// The published figure, in the quantity's unit.
  public var published: Double?
  /// The quantity measured beside it.
  public var quantity: Quantity
  /// Measured values from here on agree.
  public var atLeast: Double?
  /// Measured values up to here agree.
  public var atMost: Double?
  /// Places that made fewer updates say nothing about the claim; nil judges all.
  public var leastUpdates: Int?
  /// Whether it is judged at the one of all places that fit whose quality on the split that judges is best, and where the claim
  /// divides at the best of those: settings are compared each at the best of the study's rates. nil: everywhere.
  public var best: Bool?
  /// Whether seeds are repetitions of it, over which its interval is taken: nil where the quantity decides, see `isPaired`.
  public var paired: Bool?
  /// So many seeds must lie in the bounds by themselves, besides the interval; nil asks for none.
  public var leastSeeds: Int?
  /// A person's comment.
  public var note: String?
  /// The line of the study file, for errors.
  public var place: String

  /// Whether a verdict comes from an interval over seeds. Both sides of a difference or ratio then have the seed, and with it
  /// starting weights and order, in common.
  public var isPaired: Bool { paired == true || quantity.minus != nil || quantity.along != nil }

  /// A nil stands for what the file does not say; set `leastUpdates`, `best`, `paired` and `leastSeeds` afterwards.
  public init(
    source: String, text: String, published: Double? = nil, quantity: Quantity, atLeast: Double? = nil,
    atMost: Double? = nil, note: String? = nil, place: String = ""
  ) {
    self.source = source
    self.text = text
    self.published = published
    self.quantity = quantity
    self.atLeast = atLeast
    self.atMost = atMost
    self.note = note
    self.place = place
  }

  /// A measure, or its ratio between two places.
  public struct Quantity: Encodable, Equatable, Sendable {
    /// A measure of trials by the name that it has in results.csv, or a figure of the fit to call times.
    public var measure: String
    /// Where: all places that this fits.
    public var of: Place
    /// Divides by the same measure, or by `overMeasure`, at the places with these values instead.
    public var over: Place?
    /// The measure to divide by; nil for the same.
    public var overMeasure: String?
    /// Takes away the same measure at the places with these values instead; with `over`, from both: what is then divided are
    /// two differences, the second the whole gap of which the first is a share.
    public var minus: Place?
    /// Takes the measure's slope along this axis in place of the measure: its growth for each doubling, by least squares.
    public var along: Slope?

    /// Axes along which a slope means something: positive numbers, of which several are tried.
    public enum Slope: String, Encodable, CaseIterable, Sendable {
      /// A study's axis of that key.
      case globalBatch, ranks
      /// That axis.
      public var axis: Axis { self == .globalBatch ? .globalBatch : .ranks }
    }

    /// A measure, with `over` or `overMeasure` a ratio, with `minus` a difference; `along` is set afterwards.
    public init(
      measure: String, of: Place = Place(), over: Place? = nil, overMeasure: String? = nil, minus: Place? = nil
    ) {
      self.measure = measure
      self.of = of
      self.over = over
      self.overMeasure = overMeasure
      self.minus = minus
    }
  }

  /// Values on the study's axes; where it says nothing, anything fits. Seeds are averaged over, and have no place.
  public struct Place: Equatable, Sendable {
    /// The values that it names.
    public var values: AxisValues

    /// Nil fits anything; other axes are set in `values`.
    public init(
      variant: String? = nil, globalBatch: Int? = nil, scaling: LearningRateConfiguration.Scaling? = nil,
      ranks: Int? = nil
    ) {
      values = AxisValues()
      values.variant = variant
      values.globalBatch = globalBatch
      values.scaling = scaling
      values.ranks = ranks
    }
  }
}

extension StudyClaim.Place: Encodable {
  /// A value by each axis' key.
  public func encode(to encoder: any Encoder) throws { try values.encode(to: encoder) }
}

enum ClaimKey: String, SectionKey {
  case source, text, published, measure, of, over, overMeasure, minus, along, atLeast, atMost
  case leastUpdates, best, paired, leastSeeds, note
}
struct PlaceKey: SectionKey {
  static let allCases = ([Axis.variant] + Axis.ofTrials.filter { $0 != .seed && $0 != .variant }).map {
    PlaceKey(axis: $0)
  }
  static let variant = PlaceKey(axis: .variant)

  let rawValue: String

  private init(axis: Axis) { rawValue = axis.key }

  init?(rawValue: String) {
    guard let key = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = key
  }
}

/// In `study.json` the quantity has a section of its own, and the line that the claim was read from is known.
private enum StoredClaimKey: String, SectionKey {
  case source, text, published, quantity, atLeast, atMost, leastUpdates, best, paired, leastSeeds, note, place
}
private enum QuantityKey: String, SectionKey { case measure, of, over, overMeasure, minus, along }

extension StudyClaim {
  /// - Parameter variants: the study's.
  init(_ node: ConfigurationNode, variants: [String]) throws {
    let section = try Section<ClaimKey>(node)
    let quantity = try Quantity(
      measure: section.required(.measure), of: section.section(.of), over: section.optional(.over),
      overMeasure: section.optional(.overMeasure), minus: section.optional(.minus), along: section.optional(.along),
      variants)
    self.init(
      source: try section.required(.source).text(), text: try section.required(.text).text(),
      published: try section.optional(.published)?.number(.any), quantity: quantity,
      atLeast: try section.optional(.atLeast)?.number(.any), atMost: try section.optional(.atMost)?.number(.any),
      note: try section.optional(.note)?.text(), place: "\(node.place)")
    leastUpdates = try section.optional(.leastUpdates)?.whole()
    best = try section.optional(.best)?.flag()
    paired = try section.optional(.paired)?.flag()
    leastSeeds = try section.optional(.leastSeeds)?.whole()
    try checkBounds(node)
  }

  /// As it stands in `study.json`.
  init(stored node: ConfigurationNode, variants: [String]) throws {
    let section = try Section<StoredClaimKey>(node)
    let quantity = try Section<QuantityKey>(try section.required(.quantity))
    self.init(
      source: try section.required(.source).text(), text: try section.required(.text).text(),
      published: try section.optional(.published)?.number(.any),
      quantity: try Quantity(
        measure: quantity.required(.measure), of: quantity.section(.of), over: quantity.optional(.over),
        overMeasure: quantity.optional(.overMeasure), minus: quantity.optional(.minus),
        along: quantity.optional(.along), variants),
      atLeast: try section.optional(.atLeast)?.number(.any), atMost: try section.optional(.atMost)?.number(.any),
      note: try section.optional(.note)?.text(), place: try section[.place]?.anyText() ?? "")
    leastUpdates = try section.optional(.leastUpdates)?.whole()
    best = try section.optional(.best)?.flag()
    paired = try section.optional(.paired)?.flag()
    leastSeeds = try section.optional(.leastSeeds)?.whole()
    try checkBounds(node)
  }

  private func checkBounds(_ node: ConfigurationNode) throws {
    guard atLeast != nil || atMost != nil else {
      throw node.error("\(node.path) needs 'atLeast', 'atMost' or both: which measured values agree with it")
    }
    if let atLeast, let atMost, atLeast > atMost {
      throw node.error("\(node.path).atLeast is \(atLeast), more than atMost, \(atMost)")
    }
    if paired == false, isPaired {
      throw node.error("\(node.path).paired is false, but a difference or slope is always paired by seed: leave it out")
    }
    if leastSeeds != nil, !isPaired {
      throw node.error("\(node.path).leastSeeds counts seeds: set 'paired: true', or give 'minus'")
    }
    try checkSlope(node)
    if quantity.minus != nil, quantity.overMeasure != nil {
      throw node.error("\(node.path) has both 'minus' and 'overMeasure': a share of a gap is of one measure")
    }
  }
}

extension StudyClaim {
  private func checkSlope(_ node: ConfigurationNode) throws {
    guard let along = quantity.along else { return }
    if quantity.isRatio || best == true || leastUpdates != nil {
      throw node.error(
        "\(node.path).along is a slope over all values: leave 'over', 'overMeasure', 'best' and 'leastUpdates' out")
    }
    let named = [quantity.of, quantity.minus].compactMap { $0?.values[along.axis] }
    if let value = named.first {
      throw node.error(
        "\(node.path).along takes all values of \(along.rawValue) together: leave \(value) out of the places")
    }
  }
}

extension StudyClaim.Quantity {
  /// Whether it divides one figure by another.
  public var isRatio: Bool { over != nil || overMeasure != nil }

  fileprivate init(
    measure: ConfigurationNode, of: Section<PlaceKey>, over: ConfigurationNode?, overMeasure: ConfigurationNode?,
    minus: ConfigurationNode?, along: ConfigurationNode?, _ variants: [String]
  ) throws {
    func place(_ node: ConfigurationNode) throws -> StudyClaim.Place {
      try StudyClaim.Place(try Section(node), variants: variants)
    }
    self.init(
      measure: try measure.text(), of: try StudyClaim.Place(of, variants: variants), over: try over.map(place),
      overMeasure: try overMeasure?.text(), minus: try minus.map(place))
    self.along = try along?.choice()
  }
}

extension StudyClaim.Place {
  init(_ section: Section<PlaceKey>, variants: [String]) throws {
    values = try AxisValues(section)
    guard let variant = values.variant, !variants.contains(variant), let node = section[.variant] else { return }
    let known = variants.isEmpty ? "the study has none" : "not one of \(variants.map(\.shown).joined(separator: ", "))"
    throw node.error("\(node.path) is '\(variant.shown)': \(known)")
  }
}
