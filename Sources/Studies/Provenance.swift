import Training

/// Where a study's figures come from.
public struct Provenance: Encodable, Equatable, Sendable {
  /// Each different one once, as with the other lists here: also where fewer of the same hosts were used.
  public var machines: [MachineFacts]
  /// As typed.
  public var commands: [String]
  /// Compute threads, rising.
  public var threadsPerRank: [Int]
  /// Each host's ranks and the processors that they could run on, in the trials of the most ranks; empty where none tells.
  public var bindings: [String]
  /// The largest `RunRecord.clockError`, in seconds; nil where all ran on one host, or before that was noted.
  public var clockError: Double?
  /// Seeds of all trials, rising.
  public var seeds: [UInt64]
  /// Data of the first trial; nil where there is none.
  public var dataset: DatasetFacts?
  /// Model of the first trial; nil where there is none.
  public var model: ModelFacts?

  init(_ records: [TrialRecord]) {
    machines = records.reduce(into: []) { if !$0.contains($1.run.machine) { $0.append($1.run.machine) } }
    commands = records.reduce(into: []) { if !$0.contains($1.run.command) { $0.append($1.run.command) } }
    threadsPerRank = Set(records.map(\.run.threadsPerRank)).sorted()
    let most = records.max { $0.run.ranks < $1.run.ranks }?.run.ranks
    bindings = records.filter { $0.run.ranks == most }.compactMap(\.run.bindings).uniqued.flatMap { $0 }.uniqued
    clockError = records.compactMap(\.run.clockError).max()
    seeds = Set(records.map(\.trial.seed)).sorted()
    dataset = records.first?.run.dataset
    model = records.first?.run.model
  }
}

extension Provenance {
  /// Kinds of machines and builds, however many hosts there were of each. Times of more than one cannot be compared.
  public var kindsOfMachine: Int {
    machines.map { machine in
      var kind = machine
      (kind.nodes, kind.machines) = ([], nil)
      return kind
    }.uniqued.count
  }
}
