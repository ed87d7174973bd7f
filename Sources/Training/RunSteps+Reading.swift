import Configuration
import Foundation
import Measurement

private enum StepsKey: String, SectionKey { case version, firstStep, steps, stepsPerRow, ranks, layers, buckets }
private enum RankKey: String, SectionKey { case host, microbatches, seconds }
private enum LayerKey: String, SectionKey { case name, floats, ready, firstPart }
private enum LayerPartKey: String, SectionKey { case floats, ready }
private enum BucketKey: String, SectionKey { case floats, layer }
private enum PartKey: String, SectionKey { case update, other, load, forward, backward, messages, wait, wire }

extension RunSteps {
  static let stored = StoredKind(
    "an account of steps", version: currentVersion, remedy: "put it back as it was, or train again")

  /// Reads a `steps.json`.
  ///
  /// - Throws: `ConfigurationError`, with file, line and key.
  public static func read(_ file: URL) throws -> RunSteps {
    try stored.read(file: file.path) { try RunSteps(Section<StepsKey>($0)) }
  }

  private init(_ section: Section<StepsKey>) throws {
    let list = try section.required(.ranks)
    let ranks = try list.list(example: "[{…}]") { try Rank(Section<RankKey>($0)) }
    if let rank = ranks.firstIndex(where: { $0.rows.count != ranks[0].rows.count }) {
      throw list.error(
        "\(list.path)[\(rank)] has \(ranks[rank].rows.count) rows, and rank 0 has \(ranks[0].rows.count)")
    }
    self.init(
      firstStep: try section.required(.firstStep).whole(), steps: try section.required(.steps).whole(in: Self.counts),
      stepsPerRow: try section.required(.stepsPerRow).whole(), ranks: ranks,
      layers: try section.required(.layers).values { try Layer(Section<LayerKey>($0)) },
      buckets: try section.required(.buckets).values { try Bucket(Section<BucketKey>($0)) })
    version = try section.required(.version).whole()
    try check(section)
  }

  fileprivate static let counts = 0...Int(Int32.max)

  /// Rows and steps, and buckets and layers, must say the same.
  private func check(_ section: Section<StepsKey>) throws {
    let node = try section.required(.steps)
    guard rowCount == (steps + stepsPerRow - 1) / stepsPerRow else {
      throw node.error("\(node.path) is \(steps), but the rows are \(rowCount) of \(stepsPerRow) steps")
    }
    let list = try section.required(.buckets)
    if let bucket = buckets.firstIndex(where: { $0.layer >= layers.count }) {
      throw list.error(
        "\(list.path)[\(bucket)].layer is \(buckets[bucket].layer), and there are \(layers.count) layers")
    }
  }
}

extension RunSteps.Rank {
  fileprivate init(_ section: Section<RankKey>) throws {
    let columns = try Section<PartKey>(try section.required(.seconds))
    var rows: [StepSeconds] = []
    for (key, part) in zip(PartKey.allCases, StepSeconds.Part.allCases) {
      let node = try columns.required(key)
      let values = try node.values { Float(try $0.number(.amount)) }
      if part == .update { rows = Array(repeating: .zero, count: values.count) }
      guard values.count == rows.count else {
        throw node.error("\(node.path) has \(values.count) values, and update has \(rows.count)")
      }
      for (row, value) in values.enumerated() { rows[row][part] = value }
    }
    self.init(
      host: try section.required(.host).anyText(),
      microbatches: try section.required(.microbatches).whole(in: ConfigurationNode.amounts), rows: rows)
  }
}

extension RunSteps.Layer {
  fileprivate init(_ section: Section<LayerKey>) throws {
    self.init(
      name: try section.required(.name).anyText(),
      floats: try section.required(.floats).whole(in: RunSteps.counts),
      ready: try section.required(.ready).number(.amount),
      firstPart: try section.optional(.firstPart).map { try Part(Section<LayerPartKey>($0)) })
  }
}

extension RunSteps.Layer.Part {
  fileprivate init(_ section: Section<LayerPartKey>) throws {
    self.init(
      floats: try section.required(.floats).whole(in: RunSteps.counts),
      ready: try section.required(.ready).number(.amount))
  }
}

extension RunSteps.Bucket {
  fileprivate init(_ section: Section<BucketKey>) throws {
    self.init(
      floats: try section.required(.floats).whole(in: RunSteps.counts),
      layer: try section.required(.layer).whole(in: ConfigurationNode.amounts))
  }
}

private enum SlowRankKey: String, SectionKey { case rank, host, pattern, cause, seconds, share, steps }

extension SlowRank {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<SlowRankKey>(node)
    self.init(
      rank: try section.required(.rank).whole(in: 0...Int(Int32.max)), host: try section.required(.host).anyText(),
      pattern: try section.required(.pattern).choice(), cause: try section.required(.cause).choice(),
      seconds: try section.required(.seconds).number(.amount), share: try section.required(.share).number(.amount),
      steps: try section.optional(.steps)?.values { try $0.whole() })
  }
}
