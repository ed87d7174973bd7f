import ArgumentParser
import Files
import Foundation
import Interconnect
import Reports

struct TuningCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tuning",
    abstract: "Compare networks that were measured under different settings of MPI; write the best as network.tuning.",
    discussion: "launch/tune-network measures under candidates and calls this; launch/network applies the file.")

  @Argument(help: "The --output folders of network, all on the same hosts; the first is what others are compared with.")
  var folders: [String]

  @Option(help: ArgumentHelp("The smallest all-reduce that matters.", valueName: "bytes"))
  var leastBytes = 64 << 10

  @Option(help: ArgumentHelp("The largest all-reduce that matters.", valueName: "bytes"))
  var mostBytes = 16 << 20

  @Option(help: ArgumentHelp("The file for the settings.", valueName: "file"))
  var output: String

  func validate() throws {
    guard leastBytes > 0, leastBytes <= mostBytes else {
      throw ValidationError("--least-bytes must be more than 0 and at most --most-bytes")
    }
  }

  func run() throws {
    do {
      let models = try folders.map {
        ($0, try NetworkModel.read(($0 as NSString).appendingPathComponent(NetworkModel.fileName)))
      }
      let report = TuningReport(try NetworkTuning(models, sizes: leastBytes...mostBytes))
      try AtomicFile.write(Data(report.file.utf8), to: output)
      try Console.result("\(report.terminal)\n\(output)")
    } catch {
      throw ValidationFailure(error)
    }
  }
}
