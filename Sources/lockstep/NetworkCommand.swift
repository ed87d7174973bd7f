import ArgumentParser
import Configuration
import Datasets
import Files
import Foundation
import Interconnect
import MessagePassing
import Reports
import Training

struct NetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "network",
    abstract: "Time the collectives of these ranks, fit what they cost, and write network.json and its report.",
    discussion: """
      Run it on the hosts and ranks that training will have, with nothing else going on:
        launch/hosts HOSTFILE network --output output/network
      """)

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp("Time all-reduces at the sizes of this run's buckets as well.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var runFile: String?

  @Option(help: ArgumentHelp("The largest message.", valueName: "bytes"))
  var mostBytes = 64 << 20

  @Option(help: "Repetitions of a size, at most.")
  var repetitions = 31

  @Option(help: "Time for the whole, about: what would take longer is left out.")
  var seconds = 300.0

  @Option(
    name: .customLong("collective"),
    help: "Time this one only: \(Collective.allCases.map(\.rawValue).joined(separator: ", ")); may be repeated.")
  var collectives: [Collective] = []

  @Option(help: ArgumentHelp("What a host's link carries each way, to show shares of it.", valueName: "Mbit/s"))
  var link: Double?

  @Flag(help: "Replace a network.json that the folder holds, once the new one is finished.")
  var overwrite = false

  @OptionGroup var configurationOptions: ConfigurationOptions
  @OptionGroup var outputOptions: OutputOptions

  func validate() throws {
    try FlagRange.message.require("--most-bytes", mostBytes)
    try FlagRange.repetitions.require("--repetitions", repetitions)
    guard seconds > 0, seconds <= 1e6 else {
      throw ValidationError("--seconds must be more than 0 and at most 1000000")
    }
    if let link, !(link > 0 && link <= 1e9) {
      throw ValidationError("--link must be more than 0 and at most 1e9 Mbit/s")
    }
    if runFile == nil, !configurationOptions.overrides.isEmpty {
      throw ValidationError("--set means nothing without --run")
    }
  }

  func run() throws {
    try Job.run { world in
      let plan = try world.agree {
        guard world.size > 1 else { throw NetworkError(Self.alone) }
        return try self.plan()
      }
      let folder = try world.agree { try world.rank == 0 ? outputFolder() : nil }
      let machine = try MachineFacts.read(world)
      let (facts, nodes) = try NetworkFacts.read(world, processor: machine.processor, command: Job.commandLine)
      let display = NetworkDisplay(
        style: world.rank == 0 ? .init(quiet: outputOptions.quiet) : .quiet, bytesPerSecond: link.map { $0 * 125_000 })
      let measured = try NetworkMeasurement(world, nodes: nodes, plan, report: display.show).run()
      try world.agree {
        guard let folder else { return }
        let model = try NetworkModel(facts: facts, times: measured.times, reductions: measured.reductions)
        try save(model, in: folder)
      }
      return .success
    }
  }

  private static let alone =
    "a network needs two ranks or more, and this is one: start it with launch/local 2 network, launch/hosts or srun"

  private func plan() throws -> MeasurementPlan {
    let buckets = try runFile.map { file in
      let configuration = try RunConfiguration.load(file: file, overrides: configurationOptions.overrides)
      return try configuration.bucketSizes(try DatasetPair.open(configuration.data))
    }
    return MeasurementPlan(
      collectives: Collective.allCases.filter { collectives.isEmpty || collectives.contains($0) },
      mostBytes: mostBytes, bucketBytes: buckets ?? [], repetitions: repetitions, seconds: seconds)
  }

  private func outputFolder() throws -> OutputFolder {
    let folder = try OutputFolder(outputOptions.output)
    let file = folder.file(NetworkModel.fileName)
    guard overwrite || !FileManager.default.fileExists(atPath: file) else {
      throw NetworkError("\(file) is there already: choose another --output, or replace it with --overwrite")
    }
    return folder
  }

  private func save(_ model: NetworkModel, in folder: OutputFolder) throws {
    let report = NetworkReport(model)
    let files = try report.write(to: folder)
    Console.lines(outputOptions.quiet ? report.line : report.terminal)
    Console.line("\(folder.path): \(files.joined(separator: ", "))")
  }
}

extension Collective: ExpressibleByArgument {}
