import Statistics

enum SearchKey: String, SectionKey { case trials, seed }

extension StudySearch.Scale: SectionKey {}

extension StudySearch {
  /// - Throws: `ConfigurationError`, for ranges that hold nothing and more keys than points have coordinates.
  init(_ node: ConfigurationNode) throws {
    let own = try node.entries().filter { SearchKey(rawValue: $0.key) != nil }
    let section = try Section<SearchKey>(
      ConfigurationNode(content: .section(own), place: node.place, path: node.path))
    let ranges = try node.entries().filter { SearchKey(rawValue: $0.key) == nil }
      .flatMap { try Self.ranges($0.value, key: $0.key) }
    guard !ranges.isEmpty else {
      throw node.error(
        "\(node.path) names no key to search over: give one, such as learningRate.base: {log: [1e-4, 10]}")
    }
    guard ranges.count <= HaltonSequence.mostDimensions else {
      throw node.error("\(node.path) has \(ranges.count) keys, but may have \(HaltonSequence.mostDimensions) at most")
    }
    var seen: Set<String> = []
    for range in ranges where !seen.insert(range.key).inserted {
      throw node.error("\(node.path) holds '\(range.key)' twice")
    }
    self.init(
      trials: try section.required(.trials).whole(in: 1...Self.mostTrials),
      seed: try section[.seed]?.seed() ?? Self.defaultSeed, ranges: ranges)
  }

  /// A range, or a section of them: `optimizer: {momentum: …}` is `optimizer.momentum`, as overrides write it.
  private static func ranges(_ node: ConfigurationNode, key: String) throws -> [Range] {
    guard case .section(let entries) = node.content, !entries.isEmpty else {
      let hint = nearest(to: key, among: SearchKey.allCases.map(\.rawValue)).map { " (did you mean '\($0)'?)" } ?? ""
      throw node.error("\(node.path) is \(node.summary), not a range such as {log: [1e-4, 10]}\(hint)")
    }
    let isRange = entries.contains { Scale(rawValue: $0.key) != nil }
    if isRange { return [try Range(node, key: key)] }
    return try entries.flatMap { try ranges($0.value, key: "\(key).\($0.key)") }
  }

  /// Everything that is tried is read as the run that it makes: an unknown key, one that means nothing beside the others and a
  /// value out of range are named here and not by the trial.
  ///
  /// - Parameters:
  ///   - node: of the search, for errors.
  ///   - run: the run's node, of a variant where there are some.
  ///   - read: makes a run of it.
  func check(
    _ node: ConfigurationNode, in run: ConfigurationNode, _ read: (ConfigurationNode) throws -> RunConfiguration
  ) throws {
    let plain = Self.withMicroBatch(try read(run))
    for settings in settings {
      var changed = run
      for (key, value) in settings.sorted {
        let names = key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        try changed.set(names[...], to: .number(value, key: "\(node.path).\(key)", place: node.place))
      }
      let expected = Self.withMicroBatch(try read(changed))
      guard let applied = try? plain.with(settings), applied == expected else {
        throw node.error(
          "\(node.path) cannot search over \(ranges.map { "'\($0.key)'" }.joined(separator: ", ")): it can over numbers of "
            + "optimizer, learningRate and tables; for others make variants")
      }
    }
    try checkSplit(plain.data, node)
  }

  /// A study works the microbatch out later; a stored run must have one that its ghost batches divide.
  private static func withMicroBatch(_ run: RunConfiguration) -> RunConfiguration {
    var run = run
    run.microBatch = run.ghostBatch ?? run.microBatch
    return run
  }

  /// What was chosen by the test set would be judged by what it was chosen by.
  private func checkSplit(_ data: DataConfiguration, _ node: ConfigurationNode) throws {
    guard data.validation == nil, data.evaluateOn != .validation else { return }
    throw node.error(
      "\(node.path) chooses by the validation split, and the run's data has none: set data.validation, such as "
        + "{fraction: 0.1}, or data.evaluateOn: validation for data that hold one out")
  }

  /// Keys that something else varies, and seeds that would judge what they chose.
  func checkAxes(_ node: ConfigurationNode, _ axes: StudyConfiguration.Axes) throws {
    for axis in axes.varied {
      guard let key = axis.runKey, ranges.contains(where: { $0.key == key }) else { continue }
      throw node.error("\(node.path) searches over '\(key)', which axes.\(axis.key) varies: leave one of the two out")
    }
    guard axes.seed.contains(seed) else { return }
    throw node.error(
      "\(node.path).seed is \(seed), one of axes.seed: what is chosen is judged by seeds that did not choose it; give another"
    )
  }
}

extension StudySearch.Range {
  fileprivate init(_ node: ConfigurationNode, key: String) throws {
    let (scale, ends) = try node.oneOf(StudySearch.Scale.self)
    let values = try ends.list(example: "[1e-4, 10]", upTo: 2) { try $0.number(.any) }
    guard values.count == 2 else { throw ends.error("\(ends.path) needs two values, such as [1e-4, 10]") }
    self.init(key: key, scale: scale, low: values[0], high: values[1])
    guard low < high else {
      throw ends.error("\(ends.path) is [\(low), \(high)], an empty range: the first must be less than the second")
    }
    if scale != .linear, low <= 0 {
      throw ends.error("\(ends.path) begins at \(low), which has no logarithm: it must be more than 0")
    }
    guard (high - low).isFinite else { throw ends.error("\(ends.path) is wider than numbers reach") }
  }
}
