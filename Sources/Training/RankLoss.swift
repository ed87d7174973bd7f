import Configuration

/// Ranks of a run died, and the others went on without them.
public struct RankLoss: Encodable, Equatable, Sendable {
  /// Updates made before; the one that was under way was made again.
  public var updates: Int
  /// The numbers that the lost ranks had when the job began.
  public var ranks: [Int]
  /// Of each of these, where it was.
  public var hosts: [String]
  /// Ranks that were left.
  public var left: Int
  /// From when the last of these noticed until it went on.
  public var seconds: Double

  package init(updates: Int, ranks: [Int], hosts: [String], left: Int, seconds: Double) {
    (self.updates, self.ranks, self.hosts, self.left, self.seconds) = (updates, ranks, hosts, left, seconds)
  }

  /// For the user.
  var words: String {
    let who = zip(ranks, hosts).map { "rank \($0) (\($1))" }.joined(separator: ", ")
    return "\(who) died: the other \(left) go on after update \(updates)"
  }
}

private enum RankLossKey: String, SectionKey { case updates, ranks, hosts, left, seconds }

extension RankLoss {
  /// As a record holds it.
  init(_ node: ConfigurationNode) throws {
    let section = try Section<RankLossKey>(node)
    self.init(
      updates: try section.required(.updates).whole(in: ConfigurationNode.amounts),
      ranks: try section.required(.ranks).values { try $0.whole(in: ConfigurationNode.amounts) },
      hosts: try section.required(.hosts).texts(), left: try section.required(.left).whole(),
      seconds: try section.required(.seconds).figure(.amount))
    guard hosts.count == ranks.count else {
      throw node.error("\(node.path) has \(hosts.count) hosts of \(ranks.count) ranks")
    }
  }
}
