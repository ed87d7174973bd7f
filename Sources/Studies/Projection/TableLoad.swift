import Configuration
import Glibc
import Interconnect
import Statistics
import Training

/// What the exchange of row-sparse gradients moves. A rank hands over the rows that its own samples touch, and every other
/// rank gets them: bytes fall with its samples, more slowly than they, and each further rank adds its own.
package struct TableLoad: Equatable {
  /// Distinct rows of a step against its samples: factor · samples^exponent, exponent from 0 to 1.
  private(set) var factor: Double
  package private(set) var exponent: Double
  /// Id and values.
  package private(set) var bytesPerRow: Double
  /// Rows of the tables.
  private(set) var tableRows: Double
  private(set) var strategy: ExecutionConfiguration.TableExchange

  private static let idBytes = Double(MemoryLayout<Int32>.stride)

  /// nil where the model has no tables.
  package init?(_ records: [TrialRecord]) {
    let pairs = records.flatMap(\.touchedRows).filter { $0.samples > 0 && $0.rows > 0 && $0.rows.isFinite }
    guard let model = records.first?.run.model, let rows = model.tableRows, let bytes = model.tableBytes, rows > 0,
      !pairs.isEmpty
    else { return nil }
    let power = PowerFit(x: pairs.map(\.samples), y: pairs.map(\.rows))
    let exponent = min(1, max(0, power?.exponent ?? 1))
    self.exponent = exponent
    // Through the middle of what was seen, whatever the exponent.
    factor = pairs.map { $0.rows / pow($0.samples, exponent) }.geometricMean
    tableRows = Double(rows)
    strategy = records[0].run.configuration.execution.tableExchange
    let sent = records.compactMap(\.bytesPerTouchedRow)
    bytesPerRow = sent.isEmpty ? Double(bytes) / Double(rows) + Self.idBytes : Spread(sent).median
    guard factor.isFinite, bytesPerRow.isFinite else { return nil }
  }

  /// Distinct rows that so many samples touch.
  package func rows(samples: Double) -> Double { min(tableRows, factor * pow(samples, exponent)) }

  /// The exchange of a step as the run's strategy has it; `auto` takes the cheaper.
  package func seconds(on network: NetworkModel, samples: Double, ranks: Int, nodes: Int) throws -> NetworkEstimate {
    try exchange(on: network, samples: samples, ranks: ranks, nodes: nodes).whole
  }

  /// Of these seconds, what messages alone take.
  package func latency(on network: NetworkModel, samples: Double, ranks: Int, nodes: Int) throws -> Double {
    let exchange = try exchange(on: network, samples: samples, ranks: ranks, nodes: nodes)
    let gather = try network.seconds(of: .allGather, bytes: ranks * 8, ranks: ranks, nodes: nodes).seconds
    let messages =
      exchange.isGathered
      ? 3 * gather : gather + (try network.seconds(of: .allReduce, bytes: 8, ranks: ranks, nodes: nodes).seconds)
    return min(exchange.whole.seconds, messages)
  }

  /// Either way ranks first tell each other how many rows they have.
  private func exchange(on network: NetworkModel, samples: Double, ranks: Int, nodes: Int) throws
    -> (whole: NetworkEstimate, isGathered: Bool)
  {
    let all = rows(samples: samples) * Double(ranks)
    func gather(_ bytes: Double) throws -> NetworkEstimate {
      try network.seconds(of: .allGather, bytes: Int(bytes: bytes), ranks: ranks, nodes: nodes)
    }
    let counts = try gather(Double(ranks) * 8)
    func gathered() throws -> NetworkEstimate {
      try counts + gather(all * Self.idBytes) + gather(all * max(0, bytesPerRow - Self.idBytes))
    }
    func reduced() throws -> NetworkEstimate {
      try counts
        + network.seconds(of: .allReduce, bytes: Int(bytes: tableRows * bytesPerRow), ranks: ranks, nodes: nodes)
    }
    switch strategy {
    case .sparse: return (try gathered(), true)
    case .dense: return (try reduced(), false)
    case .auto:
      let (sparse, dense) = (try gathered(), try reduced())
      return sparse.seconds <= dense.seconds ? (sparse, true) : (dense, false)
    }
  }
}

extension TrialRecord {
  /// Distinct rows that a rank's samples of a step touch, and those of all ranks'.
  fileprivate var touchedRows: [(samples: Double, rows: Double)] {
    guard let tables = run.ledger.tables, run.ledger.steps > 0, trial.ranks > 0 else { return [] }
    let (steps, samples) = (Double(run.ledger.steps), Double(run.ledger.samples) / Double(run.ledger.steps))
    return [
      (samples / Double(trial.ranks), tables.touchedRows.median / steps), (samples, Double(tables.mergedRows) / steps),
    ]
  }

  /// nil where rows were not gathered in every step.
  fileprivate var bytesPerTouchedRow: Double? {
    guard let tables = run.ledger.tables, tables.sparseSteps == run.ledger.steps, tables.touchedRows.median > 0 else {
      return nil
    }
    return tables.sparseBytes.median / tables.touchedRows.median
  }
}

extension Int {
  /// Of a message that exists on paper only: no more than anybody sends.
  init(bytes: Double) { self = bytes > 0 ? Int(Swift.min(bytes, 1e15)) : 0 }
}
