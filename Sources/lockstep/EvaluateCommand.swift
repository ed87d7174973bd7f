import ArgumentParser
import Configuration
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
      if trainingSet {
        show("training", try trainer.evaluate(session.data.training), of: session.data.training.count, world)
      }
      show("validation", try trainer.evaluate(session.data.validation), of: session.data.validation.count, world)
      return .success
    }
  }

  private func show(_ name: String, _ quality: Quality, of samples: Int, _ world: Communicator) {
    guard world.rank == 0 else { return }
    Console.line(
      "\(name)  loss \(Format.fixed(quality.loss, 6))  accuracy \(Format.percent(quality.accuracy, 2))  "
        + "\(Format.integer(samples)) samples")
  }
}
