import Interconnect
import Training

/// What a projection is asked besides the study.
public struct ProjectionQuestion: Sendable {
  /// Ranks on nodes.
  public struct Place: Hashable, Sendable {
    /// At least 1.
    public var ranks: Int
    /// From 1 to `ranks`.
    public var nodes: Int

    /// So many ranks on so many nodes.
    public init(ranks: Int, nodes: Int) {
      self.ranks = ranks
      self.nodes = nodes
    }
  }

  /// nil takes it from the study's own exchange.
  public var network: NetworkModel?
  /// The network is another than that of the study, on purpose.
  public var isElsewhere = false
  /// Places to project; nil for those of the study, one rank, and 2, 4 and 8 times the most ranks.
  public var places: [Place]?
  /// Rank counts that the model is fitted to; nil for all. The others stand beside its predictions.
  public var fitRanks: [Int]?
  /// Trials of another study, to stand beside predictions.
  public var against: [TrialRecord] = []

  /// The study report's own question.
  public init() {}
}

extension ProjectionQuestion {
  /// A network's model of another cluster, and trials of another model, would give figures that mean nothing.
  ///
  /// - Throws: `StudyError`
  func requireSame(as records: [TrialRecord]) throws {
    if !isElsewhere, let facts = network?.facts {
      for machine in records.map(\.run.machine) {
        let processor =
          machine.processor == facts.processor
          ? nil : "it was measured with \(facts.processor), not with \(machine.processor)"
        guard let difference = facts.difference(hosts: machine.nodes) ?? processor else { continue }
        throw StudyError(
          "the network's model is of another cluster than the study: \(difference); measure the study's with lockstep network, "
            + "or say --elsewhere to project the study onto that one")
      }
    }
    guard let own = records.first?.run, let other = against.first?.run else { return }
    guard own.model.parameters == other.model.parameters, own.dataset.trainingSamples == other.dataset.trainingSamples
    else {
      throw StudyError(
        "the study of --against trained \(other.model.parameters) parameters on \(other.dataset.trainingSamples) samples, and this "
          + "one \(own.model.parameters) on \(own.dataset.trainingSamples): predictions of one say nothing of the other"
      )
    }
  }
}
