extension Collective {
  /// No less time can a call take between nodes whose links carry so much each way: what must leave, or reach, a node.
  /// Of an all-reduce that is Patarasuk and Yuan's bound (2009, section 3); nil within one node.
  public func leastSeconds(bytes: Int, ranks: Int, nodes: Int, bytesPerSecond: Double) -> Double? {
    guard nodes > 1 else { return nil }
    let others = Double(nodes - 1) / Double(nodes)
    let ranksPerNode = max(1, ranks / nodes)
    let moved = Double(bytes) * others * (self == .allReduce ? 2 : 1) * Double(shareOfLink(ranksPerNode: ranksPerNode))
    return moved / bytesPerSecond
  }
}
