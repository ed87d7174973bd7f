/// Figures that a vendor gives, for clusters that nobody has measured yet.
public struct DataSheet: Encodable, Equatable, Sendable {
  /// Of a message and a bandwidth.
  public struct Link: Encodable, Equatable, Sendable {
    /// Of a message.
    public var latencySeconds: Double
    /// One way.
    public var bytesPerSecond: Double

    /// - Precondition: the latency is not negative and the bandwidth is more than 0.
    public init(latencySeconds: Double, bytesPerSecond: Double) {
      precondition(latencySeconds >= 0 && bytesPerSecond > 0, "\(latencySeconds) s, \(bytesPerSecond) B/s")
      self.latencySeconds = latencySeconds
      self.bytesPerSecond = bytesPerSecond
    }
  }

  /// Of a node's network card, which its ranks share.
  public var betweenNodes: Link
  /// Of the memory between ranks of a node.
  public var withinNode: Link
  /// Of adding two values' bytes.
  public var reductionSecondsPerByte: Double

  /// Memory of a server, where nothing better is known: a message in a microsecond, 8 GB/s a rank, 0.2 ns for a byte's sum.
  public init(
    betweenNodes: Link, withinNode: Link = Link(latencySeconds: 1e-6, bytesPerSecond: 8e9),
    reductionSecondsPerByte: Double = 0.2e-9
  ) {
    self.betweenNodes = betweenNodes
    self.withinNode = withinNode
    self.reductionSecondsPerByte = reductionSecondsPerByte
  }

  /// How much longer than these figures say a call may take: software is no data sheet.
  static let most = 2.0

  /// By whichever schedule is the cheapest at this size and on so many ranks.
  func seconds(of collective: Collective, bytes: Int, ranks: Int, level: NetworkLevel) -> Double {
    let link = level == .withinNode ? withinNode : betweenNodes
    let times = Schedule.allCases.compactMap { $0.costs(of: collective, ranks: ranks) }.map { costs in
      costs.rounds * link.latencySeconds
        + Double(bytes) * (costs.moved / link.bytesPerSecond + costs.reduced * reductionSecondsPerByte)
    }
    return times.min() ?? 0
  }
}
