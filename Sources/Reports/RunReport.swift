import Measurement
import Statistics
import Studies
import Training

/// One run, for the terminal: its epochs, and where the time went.
public struct RunReport: Sendable {
  let run: RunRecord

  /// A report of one run's record.
  public init(_ run: RunRecord) { self.run = run }

  /// Lines for a terminal, with a line end after the last.
  public var terminal: String {
    let model = "\(run.model.name), \(Format.integer(run.model.parameters)) parameters"
    let data = "\(run.dataset.name), \(Format.integer(run.dataset.trainingSamples)) samples"
    let execution = "\(Format.plural(run.ranks, "rank")) × \(Format.plural(run.threadsPerRank, "thread"))"
    let heading = "\(model); \(data); global batch \(batches); \(execution)"
    return VisibleText.line(heading) + "\n\n"
      + [epochs.terminal, ledger.terminal, skippedSteps, resumptions, losses, closing].filter { !$0.isEmpty }
      .joined(separator: "\n") + "\n"
  }

  /// All that it had, one after another: `128 → 640 → 3,200`.
  private var batches: String {
    let batches = [run.configuration.globalBatch] + run.epochs.map { run.globalBatch(in: $0) }
    return batches.uniqued.map(Format.integer).joined(separator: " → ")
  }

  /// A line; empty where all steps were made.
  private var skippedSteps: String {
    guard let skipped = run.skippedSteps, !skipped.isEmpty else { return "" }
    let shown = skipped.prefix(10).map { Format.integer($0.update) }.joined(separator: ", ")
    return
      "\(Format.integer(skipped.count)) of \(Format.plural(run.updates, "step")) left out, as the loss or the gradient was not finite: "
      + "\(shown)\(skipped.count > 10 ? " …" : ""); run.json has the place of each; where they are many, lower learningRate.base or "
      + "look at the data there\n"
  }

  /// What going on from checkpoints cost, besides what the ledger has; empty where the run never stopped.
  private var resumptions: String {
    (run.resumptions ?? []).map { resumption in
      let again = resumption.lostUpdates.map { $0 == 0 ? "no update" : "\(Format.plural($0, "update"))" }
      return
        "went on after update \(Format.integer(resumption.updates)), \(Format.seconds(resumption.lostSeconds)) after that was written: "
        + "\(again.map { "\($0) made again" } ?? "work lost"), and waiting, which no figure above has\n"
    }.joined()
  }

  /// What going on without ranks that died cost, besides what the ledger has; empty where all lived to the end.
  private var losses: String {
    (run.losses ?? []).map { loss in
      let ranks = loss.ranks.map(String.init).joined(separator: ", ")
      return
        "\(loss.ranks.count == 1 ? "rank" : "ranks") \(ranks) died after update \(Format.integer(loss.updates)): the other "
        + "\(Format.integer(loss.left)) went on after \(Format.seconds(loss.seconds)), which no figure above has\n"
    }.joined()
  }

  var epochs: Table {
    Table(
      [
        .number("Epoch"), .number("Rate"), .number("Time"), .number("Samples/s"), .number("Training \(lossName)"),
        .number("\(heldOut) \(lossName)"),
      ] + columns.map { .number($0.name) },
      run.epochs.map { epoch in
        [
          Format.integer(epoch.epoch), Format.number(epoch.learningRate), Format.seconds(epoch.seconds),
          Format.number(epoch.samplesPerSecond), Format.fixed(epoch.training.loss, 4),
          epoch.validation.map { Format.fixed($0.loss, 4) } ?? Format.missing,
        ] + columns.map { $0.value(epoch) ?? Format.missing }
      })
  }

  private typealias Column = (name: String, value: (EpochRecord) -> String?)

  private var columns: [Column] {
    (isBinary ? Self.binaryColumns : classColumns) + batchColumns + noiseColumns + energyColumns
  }

  private var batchColumns: [Column] {
    run.changesBatch ? [("Batch", { [run] in Format.integer(run.globalBatch(in: $0)) })] : []
  }

  private var noiseColumns: [Column] {
    run.epochs.contains { $0.noise != nil }
      ? [("Noise scale", { $0.noise?.dense.noiseScale.map { Format.number($0) } })] : []
  }

  private var energyColumns: [Column] {
    run.epochs.contains { $0.energy != nil } ? [("Energy", { $0.energy.map { Format.joules($0.processors) } })] : []
  }

  private var heldOut: String { run.dataset.heldOutHeading }

  private var classColumns: [Column] {
    [
      ("Training (%)", { Format.fixed($0.training.accuracy * 100, 2) }),
      ("\(heldOut) (%)", { $0.validation.map { Format.fixed($0.accuracy * 100, 2) } }),
    ]
  }

  private static var binaryColumns: [Column] {
    [
      ("AUC", { $0.validation?.areaUnderCurve.map { Format.fixed($0, 4) } }),
      ("Normalised entropy", { $0.validation?.normalizedEntropy.map { Format.fixed($0, 4) } }),
      ("Calibration", { $0.validation?.calibration.map { Format.fixed($0, 3) } }),
    ]
  }

  var isBinary: Bool { run.epochs.contains { $0.validation?.isBinary ?? false } }

  private var lossName: String { QualityWords(isBinary: isBinary).lossName }

  /// The whole run, over ranks.
  var ledger: Table {
    let total = run.ledger.elapsed.median
    func row(_ name: String, _ spread: Spread) -> [String] {
      [
        name, Format.seconds(spread.minimum), Format.seconds(spread.median), Format.seconds(spread.maximum),
        total > 0 ? Format.fixed(100 * spread.median / total, 1) : Format.missing,
      ]
    }
    return Table(
      [.text("Phase"), .number("Least"), .number("Median"), .number("Most, over ranks"), .number("Share (%)")],
      Phase.allCases.map { row(StudyTables.name($0), run.ledger[$0]) } + [
        row("Elapsed", run.ledger.elapsed), row("Exchange, hidden too", run.ledger.exchangeTotal),
        row("CPU time per rank", run.ledger.cpuSeconds),
      ])
  }

  /// A line; empty where the last weights are the final ones and no epoch was saved.
  private var kept: String {
    let epochs = "\(Format.integer(run.epochs.count)) of \(Format.plural(run.configuration.epochs, "epoch"))"
    let figure = "best by \(run.dataset.heldOut) \(run.configuration.evaluation.figureName)"
    let parts = [
      run.stoppedEarly == true ? "ended early, after \(epochs)" : nil,
      run.keptEpoch.map { "final weights: after epoch \(Format.integer($0)), \(figure)" },
    ].compactMap { $0 }
    return parts.isEmpty ? "" : parts.joined(separator: "; ") + "\n"
  }

  /// A line; empty where the run has no test figures of its own.
  private var test: String {
    run.finalTest.map { "final weights on the test set: \(QualityWords(isBinary: isBinary).all(of: $0))\n" } ?? ""
  }

  /// A line; empty where the run learnt labels.
  private var probe: String {
    guard let probe = run.probe else { return "" }
    let test = probe.testAccuracy.map { ", \(Format.fixed(100 * $0, 2)) % of test" } ?? ""
    return "linear probe of \(Format.plural(probe.references, "labelled training sample")): "
      + "\(Format.fixed(100 * probe.accuracy, 2)) % of \(run.dataset.heldOut)\(test)\n"
  }

  private var closing: String {
    let sent =
      "\(Format.bytes(Double(run.ledger.exchangedBytes))) per rank in \(Format.integer(run.ledger.exchangedMessages)) "
      + "messages"
    let memory = "peak memory \(Format.bytes(run.ledger.peakMemoryBytes.maximum)) per rank"
    let result =
      run.finalOutcome == .completed
      ? "\(Format.number(run.samplesPerSecond)) samples/s; weights \(run.weightsSHA256)" : "\(run.finalOutcome)"
    return "\(sent); \(memory)\(energy)\n\(kept)\(test)\(probe)\(VisibleText.line(result))"
  }

  /// Of all epochs, without evaluation; empty in records from before it was looked at.
  private var energy: String {
    guard let energy = Energy(summing: run.epochs.map(\.energy)) else {
      return run.moments == nil ? "" : "; energy not known"
    }
    let parts = [
      (energy.processors, "processors"), (energy.memory, "memory"), (energy.platform, "whole machines"),
    ].compactMap { joules, name in joules.map { "\(Format.joules($0)) (\(name))" } }
    return "; energy while training \(Format.list(parts))"
  }
}
