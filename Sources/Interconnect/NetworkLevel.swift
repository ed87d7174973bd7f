/// What a group of ranks has between its members.
public enum NetworkLevel: CaseIterable, Sendable {
  /// The memory of one node.
  case withinNode
  /// Links only: one rank on each node.
  case betweenNodes
  /// Both: several ranks on some nodes.
  case both

  /// Of `ranks` ranks on `nodes` nodes.
  public init(ranks: Int, nodes: Int) {
    self = nodes == 1 ? .withinNode : nodes == ranks ? .betweenNodes : .both
  }
}
