/// A direction in which a study varies its run: all that the rest of Lockstep knows of it. Keys of `axes`, of trials and of
/// claims' places, columns of `results.csv`, trials, tables and curves follow from this.
///
/// A further axis is a file beside this one and its place in `allCases`.
public struct Axis: Sendable {
  /// In `axes`, in a trial and in a claim's place; its column of `results.csv`.
  public let key: String
  /// Heading of a column: "Momentum".
  public let title: String
  /// The key of the run that it varies, as a dotted path; nil where it varies none.
  public let runKey: String?
  /// The parts of a trial that its values change.
  public let effects: Effects
  /// A right list of values, for errors.
  let example: String
  /// One value of its list; checks it alone. Whether it means anything beside the run's other keys is checked by reading the
  /// run with it.
  let read: @Sendable (ConfigurationNode) throws -> AxisValue
  let set: @Sendable (AxisValue, inout RunConfiguration) -> Void

  /// The parts of a trial that an axis changes.
  public struct Effects: OptionSet, Sendable {
    /// A bit each.
    public let rawValue: Int
    /// Effects as bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Times, bytes, memory.
    public static let execution = Effects(rawValue: 1)
    /// Weights and their quality.
    public static let quality = Effects(rawValue: 2)
  }
}

extension Axis: Hashable {
  /// Equal where the keys are.
  public static func == (a: Axis, b: Axis) -> Bool { a.key == b.key }
  /// Feeds the key.
  public func hash(into hasher: inout Hasher) { hasher.combine(key) }
}

/// The keys of the section `axes`.
extension Axis: SectionKey {
  /// In the order of their columns.
  public static let allCases: [Axis] = [
    .globalBatch, .localBatch, .scaling, .seed, .ranks, .learningRate, .tableRate, .momentum, .precision,
    .exchangePrecision,
  ]

  /// Those with a part of their own in a study: every trial has a value of each. The global batch is what figures are drawn
  /// against, a rule for the rate changes nothing at the base batch, seeds are repetitions, and rank counts compute the same.
  package static let own: [Axis] = [.globalBatch, .scaling, .seed, .ranks]

  /// All others: a study has those that it names, and each of their values is a curve.
  public static let further = allCases.filter { !own.contains($0) && $0 != .localBatch }

  /// Those that a trial has values of. A batch of each rank is none: with the trial's ranks it makes a global batch.
  package static let ofTrials = own + further + [.variant]

  /// nil for a key that `axes` does not know.
  public init?(rawValue: String) {
    guard let axis = Self.allCases.first(where: { $0.key == rawValue }) else { return nil }
    self = axis
  }

  /// The key.
  public var rawValue: String { key }
}

extension Axis {
  /// Named changes to the run: an axis of trials whose values stand in `variants`.
  public static let variant = Axis(
    key: "variant", title: "Variant", runKey: nil, effects: [.execution, .quality], example: "[large]",
    read: { .word(try $0.text()) }, set: { _, _ in })

  /// A value of the run as an axis.
  ///
  /// - Parameters:
  ///   - path: where the value lies in a run.
  ///   - rule: as that of the run's key.
  static func number(
    _ key: String, title: String, runKey: String, effects: Effects, example: String,
    _ path: WritableKeyPath<RunConfiguration, Double> & Sendable, _ rule: NumberRule
  ) -> Axis {
    Axis(
      key: key, title: title, runKey: runKey, effects: effects, example: example,
      read: { .number(try $0.number(rule)) },
      set: { value, run in if case .number(let number) = value { run[keyPath: path] = number } })
  }

  /// As `number`, of whole numbers.
  static func whole(
    _ key: String, title: String, runKey: String, effects: Effects, example: String,
    _ path: WritableKeyPath<RunConfiguration, Int> & Sendable, _ range: ClosedRange<Int> = ConfigurationNode.counts
  ) -> Axis {
    Axis(
      key: key, title: title, runKey: runKey, effects: effects, example: example,
      read: { .whole(try $0.whole(in: range)) },
      set: { value, run in if case .whole(let whole) = value { run[keyPath: path] = whole } })
  }

  /// As `number`, of one of several words.
  static func choice<Choice: RawRepresentable<String> & CaseIterable & Sendable>(
    _ key: String, title: String, runKey: String, effects: Effects, example: String,
    _ path: WritableKeyPath<RunConfiguration, Choice> & Sendable
  ) -> Axis {
    Axis(
      key: key, title: title, runKey: runKey, effects: effects, example: example,
      read: { .word(try $0.choice(Choice.self).rawValue) },
      set: { value, run in
        if case .word(let word) = value, let choice = Choice(rawValue: word) { run[keyPath: path] = choice }
      })
  }
}
