import ArgumentParser
import Configuration
import Datasets
import Foundation
import MessagePassing
import Reports
import Training

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate", abstract: "Load a run's weights and evaluate them on its validation data.")

  @Argument(
    help: "The --output folder of a train command: its run.json and weights.safetensors.", completion: .directory)
  var folder: String

  @Option(help: "Other data than the run's: a folder with training and test files.", completion: .directory)
  var data: String?

  @Flag(help: "Evaluate on the training set too.")
  var trainingSet = false

  func run() throws {
    try Job.run { world in
      let folder = URL(fileURLWithPath: folder)
      let record = try world.agree { try RunRecord.read(folder.appendingPathComponent("run.json")) }
      var configuration = record.configuration
      if let data { configuration.data.path = URL(fileURLWithPath: data).path }
      let session = try TrainingSession(configuration, world)
      let trainer = try Trainer(configuration, session)
      try world.agree { try trainer.loadWeights(from: folder.appendingPathComponent("weights.safetensors")) }
      func show(_ name: String, _ data: any Dataset) throws {
        let quality = try trainer.evaluate(data)
        guard world.rank == 0 else { return }
        let words = QualityWords(isBinary: trainer.hasBinaryScores, lossDecimals: 6, areaDecimals: 6)
        Console.line("\(name)  \(words.all(of: quality))  \(Format.integer(data.count)) samples")
      }
      if trainingSet { try show("training", session.data.training) }
      try show("validation", session.data.validation)
      return .success
    }
  }
}
