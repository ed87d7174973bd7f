/// A named set of changes to a study's run: one value of an axis that may vary any key.
public struct StudyVariant: Encodable, Equatable, Sendable {
  /// Part of the identity of its trials.
  public var name: String
  /// The study's run with the changes.
  public var run: RunConfiguration
  /// The values of the study's axes that it is run at; nil, as an axis that this says nothing of: all.
  public var at: StudyConfiguration.Axes?

  /// A named run.
  public init(name: String, run: RunConfiguration) {
    self.name = name
    self.run = run
  }
}

enum VariantKey: String, SectionKey { case name, set, at }

extension StudyVariant {
  /// Keys that the study's axes or its search vary: a variant that set one would be overruled.
  private static func varied(by axes: StudyConfiguration.Axes, _ search: StudySearch?) -> [String: String] {
    let keys = axes.varied.compactMap { axis in axis.runKey.map { ($0, "axes.\(axis.key)") } }
    let searched = (search?.ranges ?? []).map { ($0.key, "search.\($0.key)") }
    let others = [("globalBatch.base", "axes.globalBatch"), ("microBatch", "microBatchAtMost")]
    return Dictionary(keys + searched + others) { first, _ in first }
  }

  /// - Parameters:
  ///   - run: the study's run, to be changed.
  ///   - axes: the study's, and `search` too.
  ///   - read: makes a run of a changed node.
  init(
    _ node: ConfigurationNode, of run: ConfigurationNode, axes: StudyConfiguration.Axes, search: StudySearch?,
    read: (ConfigurationNode) throws -> RunConfiguration
  ) throws {
    let section = try Section<VariantKey>(node)
    name = try section.required(.name).text()
    var changed = run
    if let set = section.optional(.set) { try changed.apply(set: set, refusing: Self.varied(by: axes, search)) }
    self.run = try read(changed)
    at = try section.optional(.at).map { try Self.places($0, on: axes) }
  }

  /// Values that the study's axes have.
  private static func places(_ node: ConfigurationNode, on axes: StudyConfiguration.Axes) throws
    -> StudyConfiguration.Axes
  {
    let section = try Section<Axis>(node)
    let at = try StudyConfiguration.Axes(named: section)
    for axis in Axis.allCases {
      guard let values = at[axis], let node = section[axis] else { continue }
      let known = axes[axis] ?? []
      for value in values where !known.contains(value) {
        throw node.error(
          known.isEmpty
            ? "\(node.path) needs values of 'axes.\(axis.key)', which the study does not give"
            : "\(node.path) holds \(value), not one of axes.\(axis.key), \(known.map(\.description).joined(separator: ", "))"
        )
      }
    }
    return at
  }

  /// Whether it is run at a place on the study's axes.
  package func isRun(at place: AxisValues) -> Bool {
    Axis.allCases.allSatisfy { axis in
      guard let values = at?[axis], let value = place[axis] else { return true }
      return values.contains(value)
    }
  }
}

private enum StoredVariantKey: String, SectionKey { case name, run, at }

extension StudyVariant {
  /// As it stands in `study.json`.
  init(stored node: ConfigurationNode) throws {
    let section = try Section<StoredVariantKey>(node)
    name = try section.required(.name).text()
    run = try RunConfiguration(try section.required(.run))
    at = try section.optional(.at).map { try StudyConfiguration.Axes(named: try Section($0)) }
  }
}

extension ConfigurationNode {
  /// Applies the entries of `set`, whose keys are dotted paths, to this section.
  /// - Parameter refusing: keys that may not stand there, and what varies them.
  mutating func apply(set: ConfigurationNode, refusing: [String: String] = [:]) throws {
    guard case .section(let entries) = set.content else {
      throw set.error(expected: "a section such as {data.path: elsewhere}")
    }
    for entry in entries {
      for key in entry.value.keys(from: entry.key) {
        guard let axis = refusing[key] else { continue }
        throw ConfigurationError(entry.place, "'\(key)' cannot be set here: use '\(axis)'")
      }
      let names = entry.key.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
      guard names.allSatisfy({ !$0.isEmpty }) else {
        throw ConfigurationError(entry.place, "'\(entry.key)' is no key: a key is a name, or names joined by dots")
      }
      try self.set(names[...], to: entry.value)
    }
  }

  /// The dotted paths of all values in this one.
  private func keys(from path: String) -> [String] {
    guard case .section(let entries) = content else { return [path] }
    return entries.flatMap { $0.value.keys(from: "\(path).\($0.key)") }
  }

  /// As `list`, of things with names of their own.
  func named<Value>(example: String, _ name: (Value) -> String, _ read: (ConfigurationNode) throws -> Value) throws
    -> [Value]
  {
    let values = try list(example: example, read)
    var seen: Set<String> = []
    for value in values where !seen.insert(name(value)).inserted {
      throw error("\(path) holds the name '\(name(value))' twice")
    }
    return values
  }
}
