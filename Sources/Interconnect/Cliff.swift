/// Neighbouring sizes between which the time does not grow as it should: MPI does something else from there on.
public struct Cliff: Encodable, Equatable, Sendable {
  /// What is odd about the larger size.
  public enum Kind: String, Encodable, CaseIterable, Sendable {
    /// It takes less time than the smaller: that had better be sent as if it were larger.
    case cheaper
    /// It takes more time a byte than the smaller: it had better be sent in two.
    case dearer
  }

  /// The call.
  public var collective: Collective
  /// Of the group.
  public var ranks: Int
  /// Of the group.
  public var nodes: Int
  /// What is odd about it.
  public var kind: Kind
  /// The smaller size.
  public var bytes: Int
  /// The smaller size's median.
  public var seconds: Double
  /// The larger size.
  public var largerBytes: Int
  /// The larger size's median.
  public var largerSeconds: Double

  package init(
    collective: Collective, ranks: Int, nodes: Int, kind: Kind, bytes: Int, seconds: Double, largerBytes: Int,
    largerSeconds: Double
  ) {
    self.collective = collective
    self.ranks = ranks
    self.nodes = nodes
    self.kind = kind
    self.bytes = bytes
    self.seconds = seconds
    self.largerBytes = largerBytes
    self.largerSeconds = largerSeconds
  }
}
