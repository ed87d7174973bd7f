import Configuration
import Interconnect
import Training

/// What a rank hands to the exchange in each step.
package struct ExchangeLoad: Equatable {
  /// Dense gradients.
  private(set) var bytes: Double
  /// All-reduce calls that they are cut into: the bucket plan's.
  private(set) var buckets: Int
  /// nil where the model has no tables.
  private(set) var tables: TableLoad?

  /// As the trials on the most ranks counted it; where all ran alone, as the model and `bucketBytes` have it.
  ///
  /// - Precondition: there is a record.
  package init(_ records: [TrialRecord]) {
    let sent = records.filter { $0.trial.ranks > 1 && $0.run.ledger.steps > 0 && $0.run.ledger.exchangedMessages > 0 }
    tables = TableLoad(records)
    if let run = sent.max(by: { $0.trial.ranks < $1.trial.ranks })?.run {
      bytes = Double(run.ledger.exchangedBytes) / Double(run.ledger.steps)
      buckets = max(1, run.ledger.exchangedMessages / run.ledger.steps)
    } else {
      bytes = records[0].run.denseGradientBytes
      buckets = max(
        1, Int(bytes: (bytes / Double(max(1, records[0].run.configuration.execution.bucketBytes.start))).rounded(.up)))
    }
  }

  /// Seconds of a step's exchange by itself, nothing hidden.
  package struct Seconds {
    /// Dense gradients.
    var dense: NetworkEstimate
    /// Row-sparse ones.
    var tables: NetworkEstimate
    /// Of `dense`, what its messages would take without bytes.
    var denseLatency: Double
    /// Of `tables`.
    var tableLatency: Double

    var all: NetworkEstimate { dense + tables }
  }

  /// Throws `NetworkError` where the network's model says nothing of such ranks.
  package func seconds(on network: NetworkModel, samples: Double, ranks: Int, nodes: Int) throws -> Seconds {
    func bucket(_ bytes: Double) throws -> NetworkEstimate {
      try network.seconds(of: .allReduce, bytes: Int(bytes: bytes), ranks: ranks, nodes: nodes).times(Double(buckets))
    }
    let dense = try bucket(bytes / Double(buckets))
    let rows = try tables?.seconds(on: network, samples: samples, ranks: ranks, nodes: nodes) ?? .zero
    return Seconds(
      dense: dense, tables: rows, denseLatency: min(dense.seconds, try bucket(8).seconds),
      tableLatency: min(rows.seconds, try tables?.latency(on: network, ranks: ranks, nodes: nodes) ?? 0))
  }
}

extension RunRecord {
  /// Of a run that exchanged nothing, what an exchange would move: a float a parameter outside the tables, unless the run has
  /// others on the wire.
  fileprivate var denseGradientBytes: Double {
    let floats = max(0, 4 * Double(model.parameters) - Double(model.tableBytes ?? 0))
    if configuration.exchangePrecision == .bfloat16 { return floats / 2 }
    return configuration.execution.summation == .reproducible ? floats * 2 : floats
  }
}
