import ArgumentParser
import Datasets
import Foundation
import Measurement
import Reports
import Training

struct SynthesizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "synthesize", abstract: "Make data of any size that can be learnt from.",
    subcommands: [SynthesizeClicksCommand.self, SynthesizeImagesCommand.self])
}

struct SynthesizeClicksCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clicks", abstract: "Make click data with power-law ids and a planted factorization machine.",
    discussion: """
      Writes shards of train and test, and planted.json with the planted model's own AUC and log loss on test: the
      ceiling for any model. The same flags make the same bytes, whatever the number of workers.
      """)

  @Argument(help: "The folder for the data; made if needed.", completion: .directory)
  var target: String

  @Option(help: "Training rows.")
  var rows: Int

  @Option(help: ArgumentHelp("Test rows; a tenth of the training rows if not given.", valueName: "rows"))
  var testRows: Int?

  @Option(help: "Id fields.")
  var fields = 26

  @Option(help: "Dense values.")
  var dense = 13

  @Option(help: ArgumentHelp("Ids of the largest field; the others are smaller, down to 10. 1000000 if not given."))
  var cardinality: Int?

  @Option(help: ArgumentHelp("Ids of all fields together, instead of --cardinality.", valueName: "rows"))
  var tableRows: Int?

  @Option(help: "Of the power law: the r-th commonest id of a field has a probability close to r^-exponent.")
  var exponent = 1.1

  @Option(help: "Floats in the planted latent vectors; 0 plants no interactions.")
  var embedding = 4

  @Option(help: ArgumentHelp("The share of labels that are 1, about.", valueName: "share"))
  var positives = 0.25

  @Option(help: "Standard deviation of the planted score: how much there is to learn.")
  var signal = 1.5

  @Option(help: "Everything random comes from it.")
  var seed: UInt64 = 1

  @Option(help: ArgumentHelp("Threads; all cores if not given."))
  var workers: Int?

  @Option(help: ArgumentHelp("Rows of a file.", valueName: "rows"))
  var shardRows = 1 << 22

  @Flag(help: "Show no progress.")
  var quiet = false

  func validate() throws {
    if cardinality != nil, tableRows != nil {
      throw ValidationError("--cardinality and --table-rows exclude each other: --table-rows finds the cardinality")
    }
    try FlagRange.rows.require("--rows", rows)
    try FlagRange.testRows.require("--test-rows", testRows)
    try FlagRange.fields.require("--fields", fields)
    try FlagRange.dense.require("--dense", dense)
    try FlagRange.tableRows.require("--cardinality", cardinality)
    try FlagRange.tableRows.require("--table-rows", tableRows)
    try FlagRange.embedding.require("--embedding", embedding)
    try FlagRange.workers.require("--workers", workers)
    try FlagRange.rows.require("--shard-rows", shardRows)
  }

  func run() throws {
    do {
      let generator = try makeGenerator()
      let table = generator.cardinalities.reduce(0, +)
      Console.line(
        "\(Format.integer(generator.rows)) training and \(Format.integer(generator.testRows)) test rows, "
          + "\(Format.bytes(Double(generator.bytes))); a table of \(Format.integer(table)) rows, fields of "
          + "\(Format.integer(generator.cardinalities[0])) to \(Format.integer(generator.cardinalities[fields - 1])) ids"
      )
      Interruption.listen()
      let display = SynthesisDisplay(ProgressDisplay.Style(quiet: quiet))
      defer { display.finish() }
      let quality = try generator.write(
        to: target, workers: workers ?? ProcessInfo.processInfo.activeProcessorCount, rowsPerShard: shardRows
      ) { done, all in
        try Stopped.check()
        display.show(done, of: all)
      }
      display.finish()
      Console.line(Self.describe(quality))
    } catch is Stopped {
      throw Stopped.exit(keeping: target)
    } catch {
      throw ValidationFailure(error)
    }
  }

  private func makeGenerator() throws -> ClickGenerator {
    let cardinalities =
      try tableRows.map { try ClickGenerator.cardinalities(fields: fields, tableRows: $0) }
      ?? ClickGenerator.cardinalities(fields: fields, largest: cardinality ?? 1_000_000)
    let generator = ClickGenerator(
      rows: rows, testRows: testRows ?? max(rows / 10, 1), cardinalities: cardinalities, dense: dense,
      exponent: exponent, embedding: embedding, positiveShare: positives, signal: signal, seed: seed)
    try generator.check()
    return generator
  }

  private static func describe(_ quality: ClickPlantedQuality?) -> String {
    guard let quality else { return "all test labels are alike: the planted model has no AUC" }
    return
      "the planted model on test: AUC \(Format.fixed(quality.auc, 5)), log loss \(Format.fixed(quality.logLoss, 5)) "
      + "(a constant: \(Format.fixed(quality.constantLogLoss, 5)); positives \(Format.percent(quality.positiveShare, 2)))"
  }
}

/// One line that is overwritten on a terminal, a line now and then when piped.
private final class SynthesisDisplay {
  private let style: ProgressDisplay.Style
  private let startedAt = MonotonicClock.seconds
  private var lastShown = MonotonicClock.seconds

  init(_ style: ProgressDisplay.Style) { self.style = style }

  func show(_ done: Int, of all: Int) {
    let now = MonotonicClock.seconds
    guard style != .quiet, now - lastShown >= (style == .terminal ? 0.1 : 15) else { return }
    lastShown = now
    let rate = Double(done) / (now - startedAt)
    let text =
      "\(Format.percent(Double(done) / Double(all), 1))  \(Format.fixed(rate, 0)) rows/s  "
      + "\(Format.clock(Double(all - done) / rate)) left"
    if style == .terminal { Console.overwrite(text) } else { Console.line(text) }
  }

  func finish() {
    if style == .terminal { Console.overwrite("") }
  }
}
