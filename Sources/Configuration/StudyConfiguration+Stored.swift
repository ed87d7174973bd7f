extension StudyConfiguration {
  /// As `study.json` holds it: runs of variants and parts are whole, and every trial's microbatch was worked out.
  init(stored section: Section<StudyKey>) throws {
    let parts = try section.optional(.parts)?.named(example: "[{name: speed}]", \.name) { try StudyPart(stored: $0) }
    self.init(
      name: try section.required(.name).text(), run: try RunConfiguration(try section.required(.run)),
      axes: try Axes(stored: try section.required(.axes), isEmpty: parts != nil),
      microBatchAtMost: try section[.microBatchAtMost]?.whole() ?? Self.defaultMicroBatchAtMost,
      cost: try Cost(try Section(try section.required(.cost))),
      target: try section.optional(.target).map { try Target(try Section($0)) })
    about = try section.optional(.about)?.text()
    calls = try section.optional(.calls).map { try StudyCalls(try Section($0)) }
    variants = try section.optional(.variants)?.named(example: "[{name: large}]", \.name) {
      try StudyVariant(stored: $0)
    }
    claims = try section.optional(.claims)?.values {
      try StudyClaim(stored: $0, variants: (variants ?? []).map(\.name))
    }
    self.parts = parts
    try checkTrialCount(section.node)
  }

  private static let mostTrials = 1_000_000

  /// Trials are listed before the first is run.
  func checkTrialCount(_ node: ConfigurationNode) throws {
    let lengths = [
      axes.globalBatch.count, axes.scaling.count, axes.seed.count, axes.ranks?.count ?? 1, variants?.count ?? 1,
    ]
    let count = lengths.reduce(1) { min($0 * $1, Self.mostTrials + 1) }
    guard count > Self.mostTrials else { return }
    throw node.error("\(node.pathOf("axes")) give more than \(Self.mostTrials) trials: shorten them")
  }
}

extension StudyConfiguration.Axes {
  /// - Parameter isEmpty: of a study with parts, each of which has its own.
  fileprivate init(stored node: ConfigurationNode, isEmpty: Bool) throws {
    let section = try Section<AxesKey>(node)
    func axis<Value: Hashable>(_ key: AxesKey, _ read: (ConfigurationNode) throws -> Value) throws -> [Value] {
      let node = try section.required(key)
      if isEmpty, node.items?.isEmpty == true { return [] }
      return try node.axis(example: "[1]", read)
    }
    self.init(
      globalBatch: try axis(.globalBatch) { try $0.whole() }, scaling: try axis(.scaling) { try $0.choice() },
      seed: try axis(.seed) { try $0.seed() },
      ranks: try section.optional(.ranks)?.axis(example: "[1]") { try $0.whole() })
  }
}
