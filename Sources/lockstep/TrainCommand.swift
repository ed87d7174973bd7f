import ArgumentParser
import Configuration
import Datasets
import Files
import Foundation
import Kernels
import MessagePassing
import Reports
import Training

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train", abstract: "Train one model; write run.json and weights.safetensors.")

  @Argument(help: "The run file (YAML).", completion: .file(extensions: ["yaml", "yml"]))
  var file: String

  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var outputOptions: OutputOptions

  func run() throws {
    try Job.run { world in
      let configuration = try world.agree {
        try RunConfiguration.load(file: file, overrides: configurationOptions.overrides)
      }
      let folder = try world.agree { try world.rank == 0 ? OutputFolder(outputOptions.output) : nil }
      let display = ProgressDisplay(.init(quiet: outputOptions.quiet))
      let trainer = try Trainer(configuration, TrainingSession(configuration, world))
      let record = try trainer.run(command: Job.commandLine, report: display.show)
      try world.agree { try folder.map { try save(record, trainer, in: $0) } }
      return Job.exitCode(of: record, on: world)
    }
  }

  private func save(_ record: RunRecord, _ trainer: Trainer, in folder: OutputFolder) throws {
    try trainer.saveWeights(to: URL(fileURLWithPath: folder.file("weights.safetensors")))
    try RecordFile.write(record, to: folder.file("run.json"))
    if !outputOptions.quiet { Console.line(RunReport(record).terminal) }
    Console.line("\(folder.path): run.json, weights.safetensors")
  }
}
