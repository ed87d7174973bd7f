import ArgumentParser
import Files
import Foundation
import Landscape
import Measurement
import MessagePassing
import Reports
import Training

struct SharpnessCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sharpness",
    abstract: "Say how sharp the training loss is around runs' weights.",
    discussion: """
      Keskar's φ in the whole space and in a random subspace, adaptive sharpness, the largest eigenvalue of the Hessian. Any number \
      of ranks shares each look at the training set.
        launch/local 2 sharpness output/small-batch output/large-batch --output output/sharpness
      """)

  @Argument(help: "The --output folders of train or export.", completion: .directory)
  var runs: [String]

  @Option(help: ArgumentHelp("Keskar's ε; may be repeated. [default: 1e-3 and 5e-4]", valueName: "share"))
  var epsilon: [Double] = []

  @Option(help: ArgumentHelp("Random directions of the subspace; 0 leaves it out.", valueName: "count"))
  var subspace = 100

  @Flag(help: "Leave the whole space out.")
  var subspaceOnly = false

  @Option(help: "Iterations of L-BFGS-B, and steps of the other searches.")
  var iterations = 10

  @Option(help: ArgumentHelp("Radius of adaptive sharpness; 0 leaves it out.", valueName: "share"))
  var rho = 0.5

  @Option(help: ArgumentHelp("Products with the Hessian, at most; 0 leaves its eigenvalue out.", valueName: "count"))
  var hessianIterations = 20

  @Option(help: ArgumentHelp("Folder for sharpness.json and sharpness.csv; made if needed.", valueName: "folder"))
  var output: String?

  @Flag(help: "Show no progress; errors and the last figures only.")
  var quiet = false

  @OptionGroup var landscape: LandscapeOptions

  func validate() throws {
    guard !runs.isEmpty else { throw ValidationError("give the folder of a run") }
    if let wrong = epsilon.first(where: { !($0 > 0 && $0 <= 1e3) }) {
      throw ValidationError("--epsilon is \(wrong), but must be more than 0 and at most 1000")
    }
    if !(rho >= 0 && rho <= 1e3) { throw ValidationError("--rho is \(rho), but must be from 0 to 1000") }
    try FlagRange.directions.require("--subspace", subspace)
    try FlagRange.searchSteps.require("--iterations", iterations)
    try FlagRange.hessianSteps.require("--hessian-iterations", hessianIterations)
    if subspaceOnly, subspace == 0 { throw ValidationError("--subspace-only with --subspace 0 leaves nothing") }
  }

  private var question: SharpnessQuestion {
    var question = SharpnessQuestion(
      subspace: subspace, wholeSpace: !subspaceOnly, iterations: iterations, rho: rho,
      hessianIterations: hessianIterations, seed: landscape.seed)
    if !epsilon.isEmpty { question.epsilons = epsilon }
    return question
  }

  func run() throws {
    try Job.run { world in
      try world.agree {
        guard world.rank == 0, let output else { return }
        try ReportFolder.require(output, of: SharpnessReport.dataFile)
        _ = try OutputFolder(output)
      }
      let display = LandscapeDisplay(world.rank == 0 ? .init(quiet: quiet) : .quiet)
      // One after the other: each has its own network, which goes before the next one comes.
      let found = try runs.compactMap { try measure($0, world, display) }
      display.end()
      try world.agree { if world.rank == 0 { try show(found, ranks: world.size) } }
      return .success
    }
  }

  /// - Returns: nil on all ranks but the first.
  private func measure(
    _ run: String, _ world: Communicator, _ display: LandscapeDisplay
  ) throws -> SharpnessRecord.Run? {
    let saved = try world.agree { try SavedModel(run) }
    let opened = try SavedObjective(saved, landscape.choice, data: landscape.dataPath, world)
    if world.rank == 0 { opened.notices.forEach { Console.line("note: \($0)") } }
    let function = WholeSetFunction(opened.objective, at: opened.weights)
    let memory = try NodeMemory(world)
    try world.agree {
      try WholeSetFunction.requireFinite(opened.weights, of: opened.objective, run)
      try question.require(weights: function.count)
      try memory.require(question.memoryParts(weights: function.count), jobRanks: 1)
    }
    var subject = run
    function.report = { display.show("\(subject): evaluation \($0), loss \(Format.number($1, digits: 4))") }
    let start = MonotonicClock.now()
    let figures = try function.lead { function in
      try SharpnessFigures.measure(function, at: function.point, question, begin: { subject = "\(run), \($0)" })
    }
    let seconds = Double(MonotonicClock.now() - start) * 1e-9
    return figures.map {
      SharpnessRecord.Run(
        opened, weights: function.count, figures: $0, evaluations: function.evaluations, seconds: seconds)
    }
  }

  private func show(_ found: [SharpnessRecord.Run], ranks: Int) throws {
    let report = SharpnessReport(
      SharpnessRecord(command: Job.commandLine, seed: landscape.seed, ranks: ranks, runs: found))
    let files = try output.map { try report.write(to: $0) }
    try Console.result(report.terminal + (files.map { "\n\($0.joined(separator: "\n"))" } ?? ""))
  }
}
