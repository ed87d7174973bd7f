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
    try readTiming(section)
    about = try section.optional(.about)?.text()
    calls = try section.optional(.calls).map { try StudyCalls(try Section($0)) }
    search = try section.optional(.search).map { try StudySearch($0) }
    sharpness = try section.optional(.sharpness).map(StudySharpness.init)
    variants = try section.optional(.variants)?.named(example: "[{name: large}]", \.name) {
      try StudyVariant(stored: $0)
    }
    try readInterpolation(section)
    claims = try section.optional(.claims)?.values {
      try StudyClaim(stored: $0, variants: (variants ?? []).map(\.name))
    }
    self.parts = parts
    try checkTrialCount(section.node)
  }

  private static let mostTrials = 1_000_000

  /// Trials are listed before the first is run.
  func checkTrialCount(_ node: ConfigurationNode) throws {
    let lengths = Axis.allCases.map { axes[$0]?.count ?? 1 } + [variants?.count ?? 1, 1 + (search?.trials ?? 0)]
    let count = lengths.reduce(1) { min($0 * $1, Self.mostTrials + 1) }
    guard count > Self.mostTrials else { return }
    throw node.error("\(node.pathOf("axes")) give more than \(Self.mostTrials) trials: shorten them")
  }
}
