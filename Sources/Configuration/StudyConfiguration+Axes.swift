extension StudyConfiguration {
  /// The values that a study takes along each axis; its trials are their product.
  public struct Axes: Equatable, Sendable {
    private var values: [Axis: [AxisValue]] = [:]

    /// - Parameters:
    ///   - ranks: nil for all ranks of the job, which is filled in when the study starts.
    public init(
      globalBatch: [Int], scaling: [LearningRateConfiguration.Scaling], seed: [UInt64], ranks: [Int]? = nil
    ) {
      self.globalBatch = globalBatch
      self.scaling = scaling
      self.seed = seed
      self.ranks = ranks
    }

    /// The values that a section gives, of no axis but those that it names.
    init(named section: Section<Axis>) throws {
      for axis in Axis.allCases { self[axis] = try section.optional(axis)?.axis(example: axis.example, axis.read) }
    }

    /// nil where the study says nothing of an axis.
    public subscript(axis: Axis) -> [AxisValue]? {
      get { values[axis] }
      set { values[axis] = newValue }
    }
  }
}

extension StudyConfiguration.Axes {
  /// Whose values a trial has: those with a part of their own, and those that the study names.
  public var varied: [Axis] { Axis.own + Axis.further.filter { self[$0] != nil } }

  /// Samples per update of each rank; nil where the file gives global batches.
  public var localBatch: [Int]? {
    self[.localBatch].map { $0.compactMap { if case .whole(let batch) = $0 { batch } else { nil } } }
  }

  /// Samples per update.
  public var globalBatch: [Int] {
    get { places(.globalBatch).compactMap(\.globalBatch) }
    set { self[.globalBatch] = newValue.map(AxisValue.whole) }
  }

  /// Rules for the learning rate.
  public var scaling: [LearningRateConfiguration.Scaling] {
    get { places(.scaling).compactMap(\.scaling) }
    set { self[.scaling] = newValue.map { .word($0.rawValue) } }
  }

  /// Repetitions.
  public var seed: [UInt64] {
    get { places(.seed).compactMap(\.seed) }
    set { self[.seed] = newValue.map(AxisValue.seed) }
  }

  /// nil in the file means all ranks of the job; filled in when the study starts.
  public var ranks: [Int]? {
    get { self[.ranks].map { _ in places(.ranks).compactMap(\.ranks) } }
    set { self[.ranks] = newValue?.map(AxisValue.whole) }
  }

  private func places(_ axis: Axis) -> [AxisValues] {
    (self[axis] ?? []).map { value in
      var place = AxisValues()
      place[axis] = value
      return place
    }
  }
}

extension StudyConfiguration.Axes: Encodable {
  /// A list by each axis' key.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: AxisCodingKey.self)
    for (axis, list) in values { try container.encode(list, forKey: AxisCodingKey(axis)) }
  }
}

extension StudyConfiguration.Axes {
  /// As it stands in `study.json`.
  ///
  /// - Parameter isEmpty: of a study with parts, each of which has its own.
  init(stored node: ConfigurationNode, isEmpty: Bool) throws {
    let section = try Section<Axis>(node)
    self.init(globalBatch: [], scaling: [], seed: [])
    let isLocal = section.optional(.localBatch) != nil
    if isLocal { self[.globalBatch] = nil }
    for axis in Axis.allCases {
      let isRequired = Axis.own.contains(axis) && axis != .ranks && (axis != .globalBatch || !isLocal)
      guard let node = isRequired ? try section.required(axis) : section.optional(axis) else { continue }
      if isEmpty, node.items?.isEmpty == true { continue }
      self[axis] = try node.axis(example: axis.example, axis.read)
    }
  }
}
