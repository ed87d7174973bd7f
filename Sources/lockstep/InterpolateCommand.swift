import ArgumentParser
import Files
import Foundation
import Landscape
import MessagePassing
import Reports
import Training

struct InterpolateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "interpolate",
    abstract: "Evaluate the loss on the way between two runs' weights, and draw it.",
    discussion: """
      f(α x₁ + (1 − α) x₂) for α from −1 to 2, x₁ being the first run's weights and x₂ the second's, on the training set and on what \
      the first run held out. Any number of ranks shares the samples.
        launch/local 2 interpolate output/large-batch output/small-batch --output output/between
      """)

  @Argument(help: "The --output folder of train or export whose weights are at α = 1.", completion: .directory)
  var first: String

  @Argument(help: "Another of the same model, at α = 0.", completion: .directory)
  var second: String

  @Flag(help: "Go the curved way as well: f(sin(α π ÷ 2) x₁ + cos(α π ÷ 2) x₂).")
  var curved = false

  @Option(help: "Places on a way.")
  var points = 25

  @OptionGroup var landscape: LandscapeOptions
  @OptionGroup var outputOptions: OutputOptions

  func validate() throws { try FlagRange.places.require("--points", points) }

  func run() throws {
    try Job.run { world in
      try world.agree {
        guard world.rank == 0 else { return }
        try ReportFolder.require(outputOptions.output, of: InterpolationReport.dataFile)
        _ = try OutputFolder(outputOptions.output)
      }
      let (saved, other) = try world.agree {
        let (saved, other) = (try SavedModel(first), try SavedModel(second))
        try saved.modelFile().requireSameLayers(as: other.modelFile(), first, second)
        return (saved, other)
      }
      let opened = try SavedObjective(saved, landscape.choice, data: landscape.dataPath, world)
      if world.rank == 0 { opened.notices.forEach { Console.line("note: \($0)") } }
      let display = LandscapeDisplay(world.rank == 0 ? .init(quiet: outputOptions.quiet) : .quiet)
      let paths = Interpolation.Path.allCases.filter { $0 == .straight || curved }
      let record = try opened.interpolated(
        with: other, paths.map { Interpolation($0, places: points) }, command: Job.commandLine
      ) { path, place in
        display.show(
          "\(path.rawValue) way, α \(Format.number(place.alpha)): training loss \(Format.number(place.training.loss))")
      }
      display.end()
      let machine = try MachineFacts.read(world)
      try world.agree { if world.rank == 0 { try show(record, machine) } }
      return .success
    }
  }

  private func show(_ record: InterpolationRecord, _ machine: MachineFacts) throws {
    let report = InterpolationReport(record, source: "\(machine.processor), \(Format.plural(record.ranks, "rank"))")
    let files = try report.write(to: outputOptions.output)
    try Console.result("\(outputOptions.quiet ? report.line : report.terminal)\nreport: \(files[0])")
  }
}
