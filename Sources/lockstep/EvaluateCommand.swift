import ArgumentParser
import Batches
import Configuration
import Datasets
import Foundation
import MessagePassing
import Reports
import Training

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Evaluate a saved model on what its run held out, or on other data.")

  @Argument(
    help: "The --output folder of train or export.", completion: .directory)
  var folder: String

  @Option(
    help: "Other data than the run's: a folder with training and test files, or a text file of clicks.",
    completion: .file())
  var data: String?

  @Option(
    help: ArgumentHelp(
      "Of text, all rows of which are evaluated: the schema file of the model's data. The one that the model keeps if not given.",
      valueName: "file"),
    completion: .file())
  var schema: String?

  @Option(help: "The one split to evaluate on: train, validation or test. What the run held out if not given.")
  var split: ClickSplit?

  @Flag(help: "Evaluate on the training set too.")
  var trainingSet = false

  func validate() throws {
    if schema != nil, data == nil { throw ValidationError("--schema says what the text of --data is: give that too") }
    if isText, trainingSet || split != nil {
      throw ValidationError(
        "\(trainingSet ? "--training-set" : "--split") means nothing for text: all rows are evaluated once")
    }
    if trainingSet, split != nil { throw ValidationError("--training-set and --split say two things: give one") }
  }

  private var isText: Bool { schema != nil || data.map(PredictionData.isText) == true }

  func run() throws {
    try Job.run { world in
      let saved = try world.agree { try SavedModel(folder) }
      let model = try world.agree { try saved.modelFile() }
      let configuration = try world.agree { try self.configuration(saved, model) }
      let text = try world.agree { try openText(model, saved) }
      let session = try TrainingSession(configuration, data: text, world)
      // Data with as many ids, which mean something else, would be evaluated without a word.
      try world.agree { try model.requireFits(session.data.validation, at: session.data.path) }
      let sets = try world.agree { try self.sets(of: session.data) }
      let evaluator = try Evaluator(configuration, session, of: saved, model)
      let notices = session.data.notices + [model.correctionNotice].compactMap { $0 }
      if world.rank == 0 { notices.forEach { Console.line("note: \($0)") } }
      for (name, data) in sets {
        let quality = try evaluator.evaluate(data)
        guard world.rank == 0 else { continue }
        let words = QualityWords(isBinary: evaluator.hasBinaryScores, lossDecimals: 6, areaDecimals: 6)
        try Console.result("\(name)  \(words.all(of: quality))  \(Format.integer(data.count)) samples")
      }
      return .success
    }
  }

  /// The data to evaluate on, each with the name of its split: a text's rows may be of any.
  private func sets(of data: DatasetPair) throws -> [(name: String, data: any Dataset)] {
    if isText { return [("all rows", data.validation)] }
    var sets = [("training", data.training), (data.evaluatedOn.rawValue, data.validation)]
    if let test = data.test { sets.append((EvaluatedOn.test.rawValue, test)) }
    guard let split else { return trainingSet ? sets : Array(sets.dropFirst()) }
    let name = split == .train ? "training" : split.rawValue
    guard let set = sets.first(where: { $0.0 == name }) else {
      throw ValidationError("\(data.path) has no \(name) split: there are \(sets.map(\.0).joined(separator: " and "))")
    }
    return [set]
  }

  /// As the run was evaluated; of a model without its run, as one that was trained with its ghost batch.
  private func configuration(_ saved: SavedModel, _ model: ModelFile) throws -> RunConfiguration {
    guard saved.has(.run) || data != nil else {
      throw ValidationError("\(folder) is an exported model, which does not say where its data lie: give --data")
    }
    var configuration = try saved.has(.run) ? saved.record().configuration : model.evaluation(of: "")
    // A validation split that lies beside a test split is opened only where it is asked for.
    if split == .validation, configuration.data.validation == nil { configuration.data.evaluateOn = .validation }
    if let data {
      configuration.data.path = URL(fileURLWithPath: data).path
      configuration.data.schema = nil
      configuration.data.negatives = nil
    }
    return configuration
  }

  private func openText(_ model: ModelFile, _ saved: SavedModel) throws -> DatasetPair? {
    guard let data, isText else { return nil }
    let rows = try PredictionData.open(text: data, schema: schema, for: model, in: saved, to: .evaluate)
    return DatasetPair(training: rows, validation: rows, evaluatedOn: .test, path: data, notices: rows.notices)
  }
}
