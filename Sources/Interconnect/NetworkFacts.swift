/// The cluster that a network model was measured on.
public struct NetworkFacts: Encodable, Equatable, Sendable {
  /// Name of each node, and how many ranks of the job it had: in the order of their first rank.
  public var hosts: [Host]
  /// `Open MPI 4.1.4`
  public var mpi: String
  /// Settings of MPI that were in force, as `OMPI_MCA_btl_tcp_links=4`, in alphabetical order.
  public var settings: [String]
  /// The processor's name.
  public var processor: String
  /// When, as in ISO 8601.
  public var measuredAt: String
  /// The command line.
  public var command: String

  /// A node of the job.
  public struct Host: Encodable, Equatable, Sendable {
    /// Its name.
    public var name: String
    /// How many ranks it had.
    public var ranks: Int

    /// A node with so many ranks.
    public init(name: String, ranks: Int) {
      self.name = name
      self.ranks = ranks
    }
  }

  /// Of one job.
  public init(
    hosts: [Host], mpi: String, settings: [String], processor: String, measuredAt: String, command: String
  ) {
    self.hosts = hosts
    self.mpi = mpi
    self.settings = settings
    self.processor = processor
    self.measuredAt = measuredAt
    self.command = command
  }

  /// Of the job.
  public var ranks: Int { hosts.reduce(0) { $0 + $1.ranks } }
  /// Of the job.
  public var nodes: Int { hosts.count }
}
