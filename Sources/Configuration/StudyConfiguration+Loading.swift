import Foundation

extension StudyConfiguration {
  /// Reads a study file as strictly as a run file. `run` is a section of its own or the path of a run file, and
  /// overrides reach into it: `run.epochs=2`.
  ///
  /// - Throws: `ConfigurationError`.
  public static func load(file: String, overrides: [String] = []) throws -> StudyConfiguration {
    var root = try ConfigurationNode.load(file: file)
    try root.resolveRunFile()
    for override in overrides {
      try root.apply(override: override)
      try root.resolveRunFile()
    }
    return try StudyConfiguration(root)
  }

  init(_ node: ConfigurationNode) throws {
    let section = try Section<StudyKey>(node)
    let run = try Section<RunKey>(try section.required(.run))
    if let microBatch = run[.microBatch] {
      throw microBatch.error(
        "a study works out the microbatch of each trial: remove '\(microBatch.path)', or set 'microBatchAtMost'")
    }
    let axes = try section.section(.axes, of: AxesKey.self)
    let batches = try Self.globalBatches(axes, run)
    let scaling = try axes[.scaling]?.axis(example: "[none, linear]") {
      try $0.choice(LearningRateConfiguration.Scaling.self)
    }
    let base = try run.optional(.globalBatch)?.whole()
    let scales = scaling?.contains { $0 != .none } ?? false
    let start = try RunConfiguration(
      run, globalBatch: base ?? batches[0], comparesBatches: base == nil && scales)
    self.init(
      name: try section.required(.name).text(), run: start,
      axes: Axes(
        globalBatch: batches, scaling: scaling ?? [start.learningRate.scaling],
        seed: try axes[.seed]?.axis(example: "[1, 2]") { try $0.seed() } ?? [start.seed],
        ranks: try axes.optional(.ranks)?.axis(example: "[1, 2]") { try $0.whole() }),
      microBatchAtMost: try section[.microBatchAtMost]?.whole() ?? Self.defaultMicroBatchAtMost,
      cost: try Cost(try Section(try section.required(.cost))),
      target: try section.optional(.target).map { try Target(try Section($0)) })
    try checkGhostBatch(run[.ghostBatch])
    self.run = self.run(
      globalBatch: start.globalBatch, scaling: start.learningRate.scaling, seed: start.seed, largestRankCount: 1)
  }

  private static func globalBatches(_ axes: Section<AxesKey>, _ run: Section<RunKey>) throws -> [Int] {
    if let axis = axes[.globalBatch] { return try axis.axis(example: "[64, 256]") { try $0.whole() } }
    if let single = run.optional(.globalBatch) { return [try single.whole()] }
    throw axes.node.error("missing key 'axes.globalBatch': a list of global batches such as [64, 256, 1024]")
  }

  private func checkGhostBatch(_ node: ConfigurationNode?) throws {
    guard let node, let ghostBatch = run.ghostBatch, ghostBatch > microBatchAtMost else { return }
    throw node.error("\(node.path) is \(ghostBatch), more than microBatchAtMost, \(microBatchAtMost)")
  }
}

extension StudyConfiguration.Cost {
  init(_ section: Section<CostKey>) throws {
    self.init(
      pricePerNodeHour: try section.required(.pricePerNodeHour).number(.notNegative),
      ranksPerNode: try section.required(.ranksPerNode).whole())
    currency = try section[.currency]?.text() ?? currency
  }
}

extension StudyConfiguration.Target {
  init(_ section: Section<TargetKey>) throws {
    self.init(validationAccuracy: try section.required(.validationAccuracy).number(.fraction))
  }
}

extension ConfigurationNode {
  /// Puts the content of the run file in its place where `run` is a path.
  fileprivate mutating func resolveRunFile() throws {
    guard case .section(var entries) = content,
      let index = entries.firstIndex(where: { $0.key == StudyKey.run.rawValue }),
      case .scalar(let path, _) = entries[index].value.content
    else { return }
    let place = entries[index].value.place
    let folder = place.line == nil ? "" : NSString(string: place.source).deletingLastPathComponent
    let expanded = NSString(string: path).expandingTildeInPath
    let file = expanded.hasPrefix("/") ? expanded : NSString(string: folder).appendingPathComponent(expanded)
    entries[index].value = try Self.load(file: file, path: entries[index].value.path)
    content = .section(entries)
  }
}
