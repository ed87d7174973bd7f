import Measurement
import Statistics
import Training

/// A guess at rank counts that were not run, from those that were; never a measurement.
///
/// T(B, P) = a + b · B/P + 2(P − 1) · (m · latency + S ÷ (P · bandwidth)), with m all-reduce calls and S bytes a step: compute
/// shared by P ranks, and a ring all-reduce (Patarasuk and Yuan 2009, section 3). It assumes that every rank brings its
/// own cores and memory, that the exchange keeps the speed that it had here, that no rank waits for another, and that
/// what overlap hid stays hidden.
public struct Projection: Encodable, Equatable, Sendable {
  /// A step of the model.
  public struct Point: Encodable, Equatable, Sendable {
    /// Samples of the step.
    public var globalBatch: Int
    /// Ranks that share them.
    public var ranks: Int
    /// Seconds of the step as the model has it.
    public var stepSeconds: Double
    /// Mean over trials, where this rank count was run: what the model can be judged by.
    public var measuredStepSeconds: Double?
    /// Against one rank of the same model.
    public var speedUp: Double
  }

  /// Seconds of a step outside the exchange, against samples per rank.
  public var compute: LinearFit
  /// Bytes a second; nil where no time on the wire was exposed.
  public var bandwidth: Double?
  /// Seconds per message and hop; 0 where one rank count alone cannot tell it from bandwidth.
  public var latency: Double
  /// Whether rank counts told latency from bandwidth.
  public var latencyIsMeasured: Bool
  /// Points in the order of global batch and ranks.
  public var points: [Point]

  /// nil for fewer than two rank counts, or where nothing can be fitted.
  init?(_ records: [TrialRecord]) {
    let records = records.filter { $0.run.ledger.steps > 0 }
    let rankCounts = Set(records.map(\.trial.ranks))
    guard rankCounts.count > 1, let most = rankCounts.max() else { return nil }
    let loads = records.map { $0.samplesPerStep / Double($0.trial.ranks) }
    guard let compute = LinearFit(x: loads, y: records.map(\.computePerStep)), compute.slope > 0 else { return nil }
    self.compute = compute
    let wire = WireFit(records.filter { $0.trial.ranks > 1 })
    bandwidth = wire.secondsPerByte > 0 ? 1 / wire.secondsPerByte : nil
    latency = wire.latency
    latencyIsMeasured = wire.latencyIsMeasured
    let (bytes, messages) = (records[0].bytesPerStep, records[0].messagesPerStep)
    func seconds(_ globalBatch: Int, _ ranks: Int) -> Double {
      max(0, compute(Double(globalBatch) / Double(ranks))) + wire(ranks: ranks, bytes: bytes, messages: messages)
    }
    let projected = rankCounts.union([1]).sorted() + Self.further(than: most)
    points = Set(records.map(\.trial.globalBatch)).sorted().flatMap { globalBatch in
      projected.filter { $0 <= globalBatch }.map { ranks in
        let same = records.filter { $0.trial.globalBatch == globalBatch && $0.trial.ranks == ranks }
        return Point(
          globalBatch: globalBatch, ranks: ranks, stepSeconds: seconds(globalBatch, ranks),
          measuredStepSeconds: Estimate(same.compactMap(\.run.stepSeconds))?.mean,
          speedUp: seconds(globalBatch, 1) / seconds(globalBatch, ranks))
      }
    }
  }
}

extension Projection {
  /// As far as rank counts go.
  private static func further(than most: Int) -> [Int] {
    [2, 4, 8].map { most.multipliedReportingOverflow(by: $0) }.filter { !$0.overflow }.map(\.partialValue)
  }
}

/// Time on the wire per step as a ring's latency and bytes, by least squares through the origin.
struct WireFit {
  private(set) var latency = 0.0
  private(set) var secondsPerByte = 0.0
  private(set) var latencyIsMeasured = false

  /// - Parameter records: of two ranks or more.
  init(_ records: [TrialRecord]) {
    let hops = records.map { 2 * (Double($0.trial.ranks) - 1) * $0.messagesPerStep }
    let moved = records.map { 2 * (Double($0.trial.ranks) - 1) / Double($0.trial.ranks) * $0.bytesPerStep }
    let wire = records.map(\.wirePerStep)
    guard let perByte = OriginFit.single(moved, y: wire) else { return }
    secondsPerByte = perByte
    guard Set(records.map(\.trial.ranks)).count > 1, let fit = OriginFit(hops, moved, y: wire), fit.first >= 0,
      fit.second >= 0
    else { return }
    (latency, secondsPerByte, latencyIsMeasured) = (fit.first, fit.second, true)
  }

  func callAsFunction(ranks: Int, bytes: Double, messages: Double) -> Double {
    2 * (Double(ranks) - 1) * (messages * latency + bytes / Double(ranks) * secondsPerByte)
  }
}

extension TrialRecord {
  fileprivate var steps: Double { Double(run.ledger.steps) }
  /// Short last batches counted in.
  fileprivate var samplesPerStep: Double { Double(run.dataset.trainingSamples) / Double(max(1, run.stepsPerEpoch)) }
  fileprivate var bytesPerStep: Double { Double(run.ledger.exchangedBytes) / steps }
  fileprivate var messagesPerStep: Double { Double(run.ledger.exchangedMessages) / steps }
  fileprivate var wirePerStep: Double { run.ledger[Phase.exchangeWire].median / steps }
  fileprivate var computePerStep: Double {
    let phases: [Phase] = [.load, .forward, .backward, .update, .other]
    return phases.reduce(0) { $0 + run.ledger[$1].median } / steps
  }
}
