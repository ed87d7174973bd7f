import Configuration
import Foundation
import Measurement
import Studies
import Training

/// Times of an epoch and of a step at each number of ranks and each global batch, as Extra-P reads them (docs/file-formats.md in
/// its repository, the newer JSON form): what it fits functions of the ranks and of the batch to.
struct ExtraPMeasurements: Encodable {
  /// Measured at one point, again and again.
  struct Point: Encodable {
    /// A number for each parameter.
    var point: [Double]
    /// One an epoch, or a step's median one an epoch.
    var values: [Double]
  }

  let parameters: [String]
  /// By call path, then by metric. Every point must have a value of each.
  let measurements: [String: [String: [Point]]]

  /// One file for each kind of work that ranks and batches are varied in: part, variant and whatever else costs time.
  static func files(of runs: [ExportedRun], disturbedAbove: Double) throws -> [ToolExport.File] {
    let timed = runs.filter { $0.record.finalOutcome == .completed }
    let kinds = Dictionary(grouping: timed) { Kind($0) }.sorted { $0.key.name < $1.key.name }
    var paths = ExportPaths()
    let files = try kinds.compactMap { kind, runs -> ToolExport.File? in
      let measured = ExtraPMeasurements(runs, disturbedAbove: disturbedAbove)
      guard !measured.measurements.isEmpty else { return nil }
      return ToolExport.File(
        path: paths.path([kind.name.isEmpty ? "extra-p.json" : "extra-p-\(kind.name).json"]),
        data: try RecordFile.encoder(pretty: true).encode(measured))
    }
    guard !files.isEmpty else {
      throw ToolExport.Failure(description: "no completed run has an epoch with a step: there are no times to tell of")
    }
    return files
  }

  /// Work that differs in ranks and batch only.
  private struct Kind: Hashable {
    var name: String

    init(_ run: ExportedRun) {
      let axes = run.trial?.values.ofExecution
      let further = axes?.further.map { "\($0.axis.key)=\($0.value)" } ?? []
      name = ([run.trial?.part, axes?.variant].compactMap { $0 } + further).joined(separator: "-")
    }
  }

  private init(_ runs: [ExportedRun], disturbedAbove: Double) {
    // An epoch of several batches is at no one place of them.
    let places = Dictionary(grouping: runs.filter { !$0.record.changesBatch }) { run in
      [Double(run.record.ranks), Double(run.record.configuration.globalBatch)]
    }
    .sorted { $0.key.lexicographicallyPrecedes($1.key) }
    let names = ["ranks", "globalBatch"]
    let varied = names.indices.filter { index in Set(places.map { $0.key[index] }).count > 1 }
    let chosen = varied.isEmpty ? Array(names.indices) : varied
    parameters = chosen.map { names[$0] }
    let timed = places.compactMap { place, runs in
      TimedEpochs(runs.map { TrialRecord(trial: Trial($0), run: $0.record) }, bound: disturbedAbove).map {
        (point: chosen.map { place[$0] }, figures: Self.figures($0))
      }
    }
    measurements = Self.complete(timed.filter { !$0.figures.isEmpty })
  }

  private typealias Figures = [String: [String: [Double]]]

  /// Of one point: seconds, bytes and joules.
  private static func figures(_ epochs: TimedEpochs) -> Figures {
    var figures: Figures = ["epoch": ["time": epochs.scaled(\.seconds)], "step": ["time": epochs.stepMedians]]
    for phase in Phase.ofTraining {
      figures["epoch->\(phase.name)"] = ["time": epochs.scaled { $0.ledger[phase].median }]
    }
    figures["epoch"]?["bytes"] = epochs.scaled { Double($0.ledger.exchangedBytes) + $0.ledger.tableBytes }
    if epochs.epochs.allSatisfy({ $0.energy != nil }) {
      figures["epoch"]?["energy"] = epochs.scaled { $0.energy?.processors ?? .nan }
    }
    return figures.mapValues { $0.mapValues { $0.filter(\.isFinite) }.filter { !$0.value.isEmpty } }
      .filter { !$0.value.isEmpty }
  }

  /// What all points have.
  private static func complete(_ places: [(point: [Double], figures: Figures)]) -> [String: [String: [Point]]] {
    guard let first = places.first?.figures else { return [:] }
    var complete: [String: [String: [Point]]] = [:]
    for (path, metrics) in first {
      for metric in metrics.keys {
        let points = places.compactMap { place in
          place.figures[path]?[metric].map { Point(point: place.point, values: $0) }
        }
        if points.count == places.count { complete[path, default: [:]][metric] = points }
      }
    }
    return complete
  }
}

extension Trial {
  /// Of a run that need not be one of a study's.
  fileprivate init(_ run: ExportedRun) {
    let configuration = run.record.configuration
    self =
      run.trial
      ?? Trial(
        globalBatch: configuration.globalBatch, scaling: configuration.learningRate.scaling, seed: configuration.seed,
        ranks: run.record.ranks)
  }
}
