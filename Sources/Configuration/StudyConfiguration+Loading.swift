import Files
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

  /// Reads a study file, or a study that Lockstep stored.
  ///
  /// - Throws: `ConfigurationError`.
  package init(_ node: ConfigurationNode) throws {
    let section = try Section<StudyKey>(node)
    if node.isStored {
      try self.init(stored: section)
    } else if let parts = section.optional(.parts) {
      try self.init(section, parts: parts)
    } else {
      try self.init(section)
    }
  }

  /// Without parts.
  private init(_ section: Section<StudyKey>) throws {
    let axes = try section.section(.axes, of: Axis.self)
    let search = try section.optional(.search).map { try StudySearch($0) }
    let node = try Self.run(try section.required(.run), axes, search)
    let run = try Section<RunKey>(try node.withPlainGlobalBatch())
    let calls = try section.optional(.calls).map { try StudyCalls(try Section($0)) }
    if calls != nil {
      try section.refuse(.search, .sharpness, .interpolation, unless: "a study that trains", because: "calls")
      try axes.refuse(
        .localBatch, .scaling, .ranks, unless: "a study that trains", because: "calls, which one rank makes")
    }
    let batches = try Self.globalBatches(axes, run)
    let scaling = try Self.axis(.scaling, axes)?.map(\.description).compactMap(
      LearningRateConfiguration.Scaling.init(rawValue:))
    let base = try run.optional(.globalBatch)?.whole()
    let scales = scaling?.contains { $0 != .none } ?? false
    let read = { (node: ConfigurationNode) in
      try RunConfiguration(
        try Self.trialRun(node), globalBatch: base ?? batches[0], comparesBatches: base == nil && scales)
    }
    let start = try read(node)
    self.init(
      name: try section.required(.name).text(), run: start,
      axes: Axes(
        globalBatch: batches, scaling: scaling ?? [calls == nil ? start.learningRate.scaling : .none],
        seed: [start.seed]),
      microBatchAtMost: try section[.microBatchAtMost]?.whole() ?? Self.defaultMicroBatchAtMost,
      cost: try Cost(try Section(try section.required(.cost))),
      target: try section.optional(.target).map { try Target(try Section($0)) })
    self.calls = calls
    sharpness = try section.optional(.sharpness).map(StudySharpness.init)
    if let local = try Self.axis(.localBatch, axes) { (self.axes[.globalBatch], self.axes[.localBatch]) = (nil, local) }
    self.axes[.seed] = try Self.axis(.seed, axes) ?? self.axes[.seed]
    self.axes[.ranks] = try calls == nil ? Self.axis(.ranks, axes) : [.whole(1)]
    for axis in Axis.further { self.axes[axis] = try Self.axis(axis, axes) }
    try readTiming(section)
    self.search = search
    if let node = section.optional(.search) { try search?.checkAxes(node, self.axes) }
    about = try section.optional(.about)?.text()
    variants = try section.optional(.variants)?.named(
      example: "[{name: large, set: {model.widths: [2048]}}]", \.name
    ) { item in
      try StudyVariant(item, of: node, axes: self.axes, search: search) { changed in
        let run = try read(changed)
        try checkGhostBatch(run, Section<RunKey>(changed)[.ghostBatch])
        for axis in Axis.further { try Self.checkMeaning(of: axis, axes, in: changed, read) }
        if let node = section.optional(.search) { try search?.check(node, in: changed, read) }
        return startingRun(run)
      }
    }
    try readInterpolation(section)
    claims = try section.optional(.claims)?.list(example: "[{source: …, text: …, measure: …, atLeast: 1}]") {
      try StudyClaim($0, variants: (variants ?? []).map(\.name))
    }
    try checkGhostBatch(start, run[.ghostBatch])
    for axis in Axis.further { try Self.checkMeaning(of: axis, axes, in: node, read) }
    if variants == nil, let place = section.optional(.search) { try search?.check(place, in: node, read) }
    self.run = startingRun(start)
    try checkTrialCount(section.node)
  }

  /// Several studies.
  private init(_ section: Section<StudyKey>, parts node: ConfigurationNode) throws {
    try section.refuse(
      .axes, .variants, .calls, .search, .sharpness, .interpolation, .claims, unless: "a part", because: "parts")
    let parts = try node.named(example: "[{name: speed, axes: {globalBatch: [64, 256]}}]", \.name) {
      try StudyPart($0, of: section)
    }
    self.init(
      name: try section.required(.name).text(), run: parts[0].study.run,
      axes: Axes(globalBatch: [], scaling: [], seed: []), microBatchAtMost: parts[0].study.microBatchAtMost,
      cost: parts[0].study.cost)
    try readTiming(section)
    about = try section.optional(.about)?.text()
    self.parts = parts
  }

  /// After the variants, which it may name.
  mutating func readInterpolation(_ section: Section<StudyKey>) throws {
    if search != nil {
      try section.refuse(.interpolation, unless: "a study whose settings are given", because: "search")
    }
    interpolation = try section.optional(.interpolation).map {
      try StudyInterpolation($0, variants: (variants ?? []).map(\.name))
    }
  }

  mutating func readTiming(_ section: Section<StudyKey>) throws {
    timing = try section.optional(.timing).map(StudyTiming.init)
    order = try section.optional(.order)?.choice()
  }

  /// A run that names a rate where the study varies it, so that tables do not keep the usual one beside it.
  private static func run(
    _ node: ConfigurationNode, _ axes: Section<Axis>, _ search: StudySearch?
  ) throws -> ConfigurationNode {
    let key = Axis.learningRate.runKey ?? ""
    let searched = search?.ranges.first { $0.key == key }.map {
      ConfigurationNode.number($0.value(at: 0), key: key, place: node.place)
    }
    guard let rate = axes.optional(.learningRate)?.items?.first ?? searched, case .section = node.content else {
      return node
    }
    var named = node
    try named.set(["learningRate", "base"], to: rate)
    return named
  }

  /// A run whose microbatch is left to the study.
  private static func trialRun(_ node: ConfigurationNode) throws -> Section<RunKey> {
    let run = try Section<RunKey>(try node.withPlainGlobalBatch())
    guard let microBatch = run[.microBatch] else { return run }
    throw microBatch.error(
      "a study works out the microbatch of each trial: remove '\(microBatch.path)', or set 'microBatchAtMost'")
  }

  /// The place from which every axis starts.
  private func startingRun(_ run: RunConfiguration) -> RunConfiguration {
    place(run, at: AxisValues(), largestRankCount: 1)
  }

  /// nil where the file says nothing of the axis.
  private static func axis(_ axis: Axis, _ axes: Section<Axis>) throws -> [AxisValue]? {
    try axes.optional(axis)?.axis(example: axis.example, axis.read)
  }

  /// A value may be right by itself and mean nothing beside the run's other keys, as a momentum does in Adam: each is tried in
  /// the run.
  private static func checkMeaning(
    of axis: Axis, _ axes: Section<Axis>, in run: ConfigurationNode,
    _ read: (ConfigurationNode) throws -> RunConfiguration
  ) throws {
    guard let names = axis.runKey?.split(separator: ".").map(String.init) else { return }
    for value in axes.optional(axis)?.items ?? [] {
      var changed = run
      try changed.set(names[...], to: value)
      _ = try read(changed)
    }
  }

  /// Of a study whose ranks have batches of their own, those on one rank.
  private static func globalBatches(_ axes: Section<Axis>, _ run: Section<RunKey>) throws -> [Int] {
    if axes.optional(.localBatch) != nil {
      try axes.refuse(
        .globalBatch, unless: "a study or a part of its own",
        because: "axes.localBatch, which gives the batch of each rank")
    }
    if let given = try axis(.globalBatch, axes) ?? axis(.localBatch, axes) {
      return given.compactMap { if case .whole(let batch) = $0 { batch } else { nil } }
    }
    if let single = run.optional(.globalBatch) { return [try single.whole()] }
    throw axes.node.error("missing key 'axes.globalBatch': a list of global batches such as [64, 256, 1024]")
  }

  private func checkGhostBatch(_ run: RunConfiguration, _ node: ConfigurationNode?) throws {
    guard let node, let ghostBatch = run.ghostBatch, ghostBatch > microBatchAtMost else { return }
    throw node.error("\(node.path) is \(ghostBatch), more than microBatchAtMost, \(microBatchAtMost)")
  }
}

extension StudyConfiguration.Cost {
  init(_ section: Section<CostKey>) throws {
    self.init(
      pricePerNodeHour: try section.required(.pricePerNodeHour).number(.price),
      ranksPerNode: try section.required(.ranksPerNode).whole())
    currency = try section[.currency]?.text() ?? currency
  }
}

extension NumberRule {
  /// So that what a long run on many nodes costs is still a figure that can be shown.
  fileprivate static let price = NumberRule(words: "from 0 to 1000000000") { 0...1e9 ~= $0 }
}

extension StudyConfiguration.Target {
  /// As a command's flag `--target` has it: `validationLoss=0.4`.
  ///
  /// - Throws: `ConfigurationError`.
  public init(flag text: String) throws {
    var target = ConfigurationNode(
      content: .section([]), place: ConfigurationPlace(source: "--target", line: nil, folder: ""), path: "target")
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2 else {
      throw target.error("'\(text.shown)' is not key=value, such as validationLoss=0.4")
    }
    let value = try ConfigurationNode.parse(
      parts[1], path: target.pathOf(parts[0]), place: target.place, countingLines: false)
    try target.set(
      [parts[0]], to: value ?? ConfigurationNode(content: .empty, place: target.place, path: target.pathOf(parts[0])))
    try self.init(Section(target))
  }

  init(_ section: Section<TargetKey>) throws {
    self.init(
      validationAccuracy: try section.optional(.validationAccuracy)?.number(.fraction),
      validationAUC: try section.optional(.validationAUC)?.number(.fraction),
      validationLoss: try section.optional(.validationLoss)?.number(.positive))
    let given = [validationAccuracy, validationAUC, validationLoss].compactMap { $0 }.count
    guard given == 1 else {
      throw section.node.error(
        given == 0
          ? "missing key '\(section.node.pathOf("validationAccuracy"))' (or validationAUC, or validationLoss)"
          : "\(section.node.path) has \(given) targets: give one of validationAccuracy, validationAUC, validationLoss")
    }
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
    let folder = place.line == nil ? "" : PathParts.folder(of: place.source)
    let expanded = NSString(string: path).expandingTildeInPath
    let file = expanded.hasPrefix("/") ? expanded : NSString(string: folder).appendingPathComponent(expanded)
    entries[index].value = try Self.load(file: file, path: entries[index].value.path)
    content = .section(entries)
  }
}
