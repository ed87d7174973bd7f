import Glibc
import Statistics

/// Which of several settings of MPI serves all-reduces best: network models of one cluster, each measured under its own.
public struct NetworkTuning: Sendable {
  /// A model under its settings.
  public struct Candidate: Sendable {
    /// As the user knows it: the folder of its model.
    public var name: String
    /// In force, of those that may be handed on.
    public var settings: [String]
    /// All-reduces against the first candidate's: geometric mean over sizes; below 1 is faster.
    public var ratio: Double
  }

  /// In the order in which they were given; the first is what others are compared with.
  public let candidates: [Candidate]
  /// The place of the one to take: the first unless others are clearly faster, each than the best before it.
  public let best: Int
  /// Of the group that was compared: the largest between nodes, or within the node.
  public let group: (ranks: Int, nodes: Int)
  /// Sizes that all have in common, in rising order.
  public let sizes: [Int]

  /// A setting that gains less is not worth a line.
  private static let leastGain = 0.03

  /// - Parameters:
  ///   - models: at least one, with names.
  ///   - sizes: of messages that matter.
  /// - Throws: `NetworkError` where models are of different clusters or have no such sizes in common.
  public init(_ models: [(name: String, model: NetworkModel)], sizes: ClosedRange<Int>) throws {
    precondition(!models.isEmpty, "no models to choose from")
    let facts = try models.map { name, model in
      guard let facts = model.facts else { throw NetworkError("\(name): a data sheet has no settings to compare") }
      return facts
    }
    for (model, other) in zip(models, facts) {
      if let difference = Self.difference(facts[0], other) {
        throw NetworkError("\(model.name) is of another cluster than \(models[0].name): \(difference)")
      }
    }
    let group = try Self.group(models[0])
    let times = models.map { Self.times($0.model, group, sizes) }
    let common = times[0].keys.filter { size in times.allSatisfy { $0[size] != nil } }.sorted()
    guard !common.isEmpty else {
      throw NetworkError(
        "the models have no all-reduce of \(sizes.lowerBound) to \(sizes.upperBound) bytes in common: measure them alike"
      )
    }
    func ratios(_ index: Int, against other: Int) -> [Double] {
      common.map { times[index][$0]! / times[other][$0]! }
    }
    candidates = models.indices.map { index in
      Candidate(
        name: models[index].name, settings: facts[index].settings.filter(Self.isHandedOn),
        ratio: ratios(index, against: 0).geometricMean)
    }
    best = models.indices.reduce(0) { best, index in
      Self.isFaster(ratios(index, against: best)) ? index : best
    }
    self.group = group
    self.sizes = common
  }

  /// Whether ratios of times are below the least gain over the sizes, and not by chance (95 %): of one size nobody knows.
  private static func isFaster(_ ratios: [Double]) -> Bool {
    guard ratios.geometricMean < 1 - leastGain, let interval = Estimate(ratios.map { log($0) })?.interval() else {
      return false
    }
    return interval.upper < 0
  }

  /// As bash reads it: a line a setting, which one that is set already overrides.
  public var lines: [String] {
    candidates[best].settings.map { setting in
      let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
      let value = parts.count > 1 ? parts[1] : ""
      return "export \(parts[0])=${\(parts[0]):-\(value)}"
    }
  }

  /// Where messages go is the launcher's, which knows the job.
  private static func isHandedOn(_ setting: String) -> Bool {
    let isOfMessages = ["OMPI_MCA_btl_tcp_", "OMPI_MCA_coll_"].contains { setting.hasPrefix($0) }
    return isOfMessages && isPlain(setting) && !setting.contains("_if_include") && !setting.contains("_if_exclude")
  }

  /// Nothing in it means anything to bash.
  private static func isPlain(_ setting: String) -> Bool {
    setting.unicodeScalars.allSatisfy {
      ("a"..."z").contains($0) || ("A"..."Z").contains($0) || "0123456789_=,.^-".unicodeScalars.contains($0)
    }
  }

  private static func difference(_ first: NetworkFacts, _ other: NetworkFacts) -> String? {
    if first.hosts != other.hosts {
      func words(_ facts: NetworkFacts) -> String {
        facts.hosts.map { "\($0.name) × \($0.ranks)" }.joined(separator: ", ")
      }
      return "\(words(other)) and not \(words(first))"
    }
    return first.mpi == other.mpi ? nil : "\(other.mpi) and not \(first.mpi)"
  }

  private static func group(_ model: (name: String, model: NetworkModel)) throws -> (ranks: Int, nodes: Int) {
    let fits = model.model.fits.filter { $0.collective == .allReduce }
    let between = fits.filter { $0.level == .betweenNodes }
    guard let largest = (between.isEmpty ? fits : between).max(by: { $0.ranks < $1.ranks }) else {
      throw NetworkError("\(model.name) has no all-reduce to compare: measure it with lockstep network")
    }
    return (largest.ranks, largest.nodes)
  }

  private static func times(
    _ model: NetworkModel, _ group: (ranks: Int, nodes: Int), _ sizes: ClosedRange<Int>
  ) -> [Int: Double] {
    let times = model.times.filter {
      $0.collective == .allReduce && $0.ranks == group.ranks && $0.nodes == group.nodes && sizes.contains($0.bytes)
    }
    return Dictionary(times.map { ($0.bytes, $0.seconds) }) { $1 }
  }
}
