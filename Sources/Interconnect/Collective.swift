/// What ranks do together. Bytes are always those of one rank's whole buffer, all of its blocks: the sum of an all-reduce,
/// the result of an all-gather, what a reduce-scatter is given, what a rank sends in an all-to-all.
public enum Collective: String, Encodable, CaseIterable, Sendable {
  /// Every rank gets the sum.
  case allReduce
  /// Every rank gets the blocks of all.
  case allGather
  /// Every rank gets its block of the sum.
  case reduceScatter
  /// Every rank gets its block of each rank's buffer.
  case allToAll
}

extension Collective {
  /// For people: `all-reduce`.
  public var title: String {
    switch self {
    case .allReduce: "all-reduce"
    case .allGather: "all-gather"
    case .reduceScatter: "reduce-scatter"
    case .allToAll: "all-to-all"
    }
  }

  /// How many bytes leave a node for each byte of a rank's buffer, where `ranksPerNode` ranks share its link: all blocks of
  /// an all-to-all are different, all else is combined or shared within the node first.
  func shareOfLink(ranksPerNode: Int) -> Int { self == .allToAll ? ranksPerNode : 1 }
}
