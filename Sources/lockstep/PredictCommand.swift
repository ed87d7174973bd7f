import ArgumentParser
import Batches
import Configuration
import Datasets
import Foundation
import MessagePassing
import Reports
import Training

struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Score every sample of a data set with a saved model.",
    discussion: """
      Row n of the output belongs to sample n: the probability of class 1, or of every class. Several ranks share the work.
      Labels are not looked at, unless --with-label. Text without them says so in its header; where the format has none,
      --unlabelled does.
        lockstep predict output/model my-data --output scores.csv --batch 1024
        lockstep predict output/model day.csv.gz --carry user --output scores.csv
      """)

  @Argument(help: "The --output folder of train or export.", completion: .directory)
  var model: String

  @Argument(
    help: "A folder of converted clicks or of images, one file of converted clicks, or a text file.",
    completion: .file())
  var data: String

  @Option(help: ArgumentHelp("Where the predictions go: .csv or .bin.", valueName: "file"))
  var output: String

  @Option(help: "Samples of one compute call.")
  var batch = 1024

  @Option(
    help: ArgumentHelp(
      "Of text, all rows of which are scored: the schema file of the model's data. The one that the model keeps if not given.",
      valueName: "file"),
    completion: .file())
  var schema: String?

  @Flag(help: "Of text: the lines have no labels, and no header that would say so.")
  var unlabelled = false

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Of text: hand on a column, such as an id, as it is, in front of the predictions; may be repeated.",
      valueName: "column"))
  var carry: [String] = []

  @Flag(help: "Add the label of each sample, as a number, behind its predictions.")
  var withLabel = false

  @Flag(help: "Write the model's scores, which do not saturate as probabilities do.")
  var logits = false

  @Option(help: "Which part of a folder; images have train and test only. Test if not given.")
  var split: ClickSplit?

  @Option(help: "Threads of each rank; one a core if not given.")
  var threads: Int?

  func validate() throws {
    try FlagRange.batch.require("--batch", batch)
    try FlagRange.workers.require("--threads", threads)
    if unlabelled, withLabel {
      throw ValidationError("--with-label needs labels, and --unlabelled says there are none")
    }
    if isText {
      if split != nil { throw ValidationError("--split is for folders; all rows of a text are scored") }
    } else {
      if unlabelled { throw ValidationError("--unlabelled is for text, which \(data) is not") }
      if !carry.isEmpty {
        throw ValidationError("--carry is for text: other data keep no columns but the label, which --with-label adds")
      }
    }
  }

  private var isText: Bool { schema != nil || PredictionData.isText(data) }

  func run() throws {
    try Job.run { world in
      let memory = try NodeMemory(world)
      let saved = try world.agree { try SavedModel(model) }
      let dataset = try world.agree { try open(for: saved) }
      // A call never has more samples than there are: room is made for no more.
      let rows = min(batch, max(1, dataset.count))
      let predictor = try Predictor(saved, batch: rows, form: form, memory: memory, sharedBy: world)
      // Soon there is a file to take away again; what the session agrees on brings all ranks past this line before that.
      Interruption.answer(with: .noting)
      let session = try TrainingSession(
        predictor.configuration(for: data, threads: threads),
        data: DatasetPair(training: dataset, validation: dataset, path: data), world)
      var file: PredictionFile?
      try world.agree { if world.rank == 0 { file = try self.file(of: dataset, columns: predictor.columnNames) } }
      let facts = try predictor.predict(dataset, world) { try file?.write($0) }
      let unknown = try PredictionFacts.unknownWords(dataset, world)
      try file.take()?.commit()
      if world.rank == 0 {
        predictor.file.correctionNotice.map { Console.line("note: \($0)") }
        unknown.map { Console.line("note: ids that the model does not know: \($0)") }
        show(facts, session, rows: rows)
      }
      return .success
    }
  }

  private var form: PredictionForm { PredictionForm(areLogits: logits, hasLabel: withLabel) }

  private func open(for saved: SavedModel) throws -> any Dataset {
    let model = try saved.modelFile()
    guard isText else { return try PredictionData.open(data, split: split ?? .test, for: model) }
    let labels: ClickLabels = withLabel ? .needed : unlabelled ? .absent : .ignored
    return try PredictionData.open(
      text: data, schema: schema, for: model, in: saved, to: .score(labels, carrying: carry))
  }

  private func file(of dataset: any Dataset, columns: [String]) throws -> PredictionFile {
    guard !carry.isEmpty, let text = dataset as? ClickTextDataset else {
      return try PredictionFile(output, columns: columns)
    }
    return try PredictionFile(
      output, columns: columns, carrying: (carry, { row, fields in try text.appendCarriedTexts(of: row, to: &fields) }))
  }

  private func show(_ facts: PredictionFacts, _ session: TrainingSession, rows: Int) {
    let rate = Double(facts.samples) / facts.seconds
    let perCall = facts.calls == 0 ? 0 : facts.computeSeconds / Double(facts.calls) * Double(session.communicator.size)
    Console.line(
      "\(output): \(Format.plural(facts.samples, "sample")), compute batch \(Format.integer(rows)), "
        + "\(Format.plural(session.communicator.size, "rank")) × \(Format.plural(session.threads, "thread")): "
        + "\(Format.seconds(facts.seconds)), \(Format.number(rate)) samples/s; in the model "
        + "\(Format.seconds(facts.computeSeconds)), \(Format.seconds(perCall)) a call")
  }
}

extension Predictor {
  fileprivate func configuration(for path: String, threads: Int?) -> RunConfiguration {
    var configuration = RunConfiguration(
      model: file.model, data: DataConfiguration(path: path), globalBatch: batch, epochs: 1)
    configuration.execution.threads = threads
    return configuration
  }
}

extension ClickSplit: ExpressibleByArgument {}
