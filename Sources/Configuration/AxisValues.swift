/// A place on a study's axes: a value of each axis that it says something of.
public struct AxisValues: Hashable, Sendable {
  private var values: [Axis: AxisValue] = [:]

  /// Says nothing of any axis.
  public init() {}

  /// nil where this says nothing of the axis.
  public subscript(axis: Axis) -> AxisValue? {
    get { values[axis] }
    set { values[axis] = newValue }
  }

  /// Without what it says of some axes.
  public func without(_ axes: Axis...) -> AxisValues {
    var rest = self
    for axis in axes { rest[axis] = nil }
    return rest
  }

  /// Only what makes a difference to times, bytes and memory.
  public var ofExecution: AxisValues { filter { $0.effects.contains(.execution) } }

  /// Only what stands beside the axes of every trial, and variants: `momentum 0.5`.
  public var further: [(axis: Axis, value: AxisValue)] {
    Axis.further.compactMap { axis in self[axis].map { (axis, $0) } }
  }

  /// This place, but where the other says something, there.
  public func moved(to other: AxisValues) -> AxisValues {
    var place = self
    place.values.merge(other.values) { $1 }
    return place
  }

  /// Whether all that this says is so there.
  public func fits(_ place: AxisValues) -> Bool { values.allSatisfy { place[$0] == $1 } }

  private func filter(_ isKept: (Axis) -> Bool) -> AxisValues {
    var rest = AxisValues()
    rest.values = values.filter { isKept($0.key) }
    return rest
  }
}

extension AxisValues: Encodable {
  /// A value by each axis' key.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AxisCodingKey.self)
    for (axis, value) in values { try container.encode(value, forKey: AxisCodingKey(axis)) }
  }
}

/// An axis' key, in JSON.
struct AxisCodingKey: CodingKey {
  let stringValue: String
  var intValue: Int? { nil }

  init(_ axis: Axis) { stringValue = axis.key }
  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }
}

extension AxisValues {
  /// The samples of an update; nil where the place says nothing of them. Axes that all studies have, and the variant,
  /// have a property here; `self[axis]` gives any.
  public var globalBatch: Int? {
    get { self[.globalBatch].flatMap { if case .whole(let value) = $0 { value } else { nil } } }
    set { self[.globalBatch] = newValue.map(AxisValue.whole) }
  }

  /// nil where this says nothing of it.
  public var scaling: LearningRateConfiguration.Scaling? {
    get { self[.scaling].flatMap { .init(rawValue: $0.description) } }
    set { self[.scaling] = newValue.map { .word($0.rawValue) } }
  }

  /// nil where this says nothing of it.
  public var seed: UInt64? {
    get { self[.seed].flatMap { if case .seed(let value) = $0 { value } else { nil } } }
    set { self[.seed] = newValue.map(AxisValue.seed) }
  }

  /// nil where this says nothing of it.
  public var ranks: Int? {
    get { self[.ranks].flatMap { if case .whole(let value) = $0 { value } else { nil } } }
    set { self[.ranks] = newValue.map(AxisValue.whole) }
  }

  /// nil where this says nothing of it.
  public var variant: String? {
    get { self[.variant]?.description }
    set { self[.variant] = newValue.map(AxisValue.word) }
  }
}

extension AxisValues {
  /// The values of a section for the axes that its keys name; its other keys are read elsewhere.
  ///
  /// - Parameter required: axes that it must say something of.
  package init<Key: SectionKey>(_ section: Section<Key>, requiring required: [Axis] = []) throws {
    self.init()
    for axis in Axis.ofTrials {
      guard let key = Key(rawValue: axis.key) else { continue }
      let node = required.contains(axis) ? try section.required(key) : section.optional(key)
      self[axis] = try node.map(axis.read)
    }
  }
}
