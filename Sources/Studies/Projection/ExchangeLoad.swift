import Configuration
import Interconnect
import Training

/// What a rank hands to the exchange in each step.
struct ExchangeLoad: Equatable {
  /// Dense gradients.
  private(set) var bytes: Double
  /// All-reduce calls that they are cut into: the bucket plan's.
  private(set) var buckets: Int
  /// nil where the model has no tables.
  private(set) var tables: TableLoad?

  /// As the trials on the most ranks counted it; where all ran alone, as the model and the run's bucket size have it.
  ///
  /// - Precondition: there is a record.
  init(_ records: [TrialRecord]) {
    let sent = records.filter { $0.trial.ranks > 1 && $0.run.ledger.steps > 0 && $0.run.ledger.exchangedMessages > 0 }
    tables = TableLoad(records)
    if let run = sent.max(by: { $0.trial.ranks < $1.trial.ranks })?.run {
      bytes = Double(run.ledger.exchangedBytes) / Double(run.ledger.steps)
      buckets = max(1, run.ledger.exchangedMessages / run.ledger.steps)
    } else {
      let run = records[0].run
      bytes = run.denseFloatBytes * run.wireBytesPerFloatByte
      // Buckets are cut by the floats in them, whatever form these travel in.
      let size = run.bucketBytes ?? run.configuration.execution.bucketBytes.start
      buckets = max(1, Int(bytes: (run.denseFloatBytes / Double(max(1, size))).rounded(.up)))
    }
  }

  /// As narrow gradients travel: in as many messages. Tables' rows stay what they are.
  mutating func halve() { bytes /= 2 }

  /// Seconds of a step's exchange by itself, nothing hidden.
  struct Seconds {
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
  func seconds(on network: NetworkModel, samples: Double, ranks: Int, nodes: Int) throws -> Seconds {
    func bucket(_ bytes: Double) throws -> NetworkEstimate {
      try network.seconds(of: .allReduce, bytes: Int(bytes: bytes), ranks: ranks, nodes: nodes).times(Double(buckets))
    }
    let dense = try bucket(bytes / Double(buckets))
    let rows = try tables?.seconds(on: network, samples: samples, ranks: ranks, nodes: nodes) ?? .zero
    return Seconds(
      dense: dense, tables: rows, denseLatency: min(dense.seconds, try bucket(8).seconds),
      tableLatency: try tables?.latency(on: network, samples: samples, ranks: ranks, nodes: nodes) ?? 0)
  }
}

extension RunRecord {
  /// A float a parameter outside the tables.
  fileprivate var denseFloatBytes: Double { max(0, 4 * Double(model.parameters) - Double(model.tableBytes ?? 0)) }

  /// What travels of each of those bytes: the run may have other numbers on the wire.
  fileprivate var wireBytesPerFloatByte: Double {
    if configuration.exchangePrecision != nil { return 0.5 }
    return configuration.execution.summation == .reproducible ? 2 : 1
  }
}
