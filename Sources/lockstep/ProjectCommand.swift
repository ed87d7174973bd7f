import ArgumentParser
import Files
import Foundation
import Interconnect
import Reports
import Studies

struct ProjectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "project",
    abstract: "Say what more nodes would bring and cost: a study's steps, projected.",
    discussion: """
      The model of a step is fitted to the study's trials; the network's is measured (lockstep network), a data sheet's, or told \
      from what the study's own exchange took.
        lockstep project output/study --network output/network.json --price 0.40
        lockstep project output/study --latency 5us --bandwidth 100gbit --nodes 1,2,4,8,16 --ranks-per-node 2
        lockstep project output/study --fit-ranks 1,2      # what it says of the study's other rank counts, beside what they took
      """)

  @Argument(help: "The --output folder of a study.", completion: .directory)
  var folder: String

  @Option(
    help: ArgumentHelp("What lockstep network measured on the study's cluster.", valueName: "file"),
    completion: .file(extensions: ["json"]))
  var network: String?

  @Flag(help: "The network file is of another cluster, onto which the study is projected.")
  var elsewhere = false

  @Option(help: ArgumentHelp("Instead of a network file: time of a message, such as 50us.", valueName: "time"))
  var latency: String?

  @Option(help: ArgumentHelp("With --latency: of a node's network card, such as 1gbit.", valueName: "rate"))
  var bandwidth: String?

  @Option(help: ArgumentHelp("Numbers of nodes, such as 1,2,4; by default 1, 2, 4 to 4096.", valueName: "list"))
  var nodes: String?

  @Option(help: ArgumentHelp("Ranks on each node; by default the study's cost.ranksPerNode.", valueName: "count"))
  var ranksPerNode: Int?

  @Option(help: ArgumentHelp("Price of a node-hour; by default the study's.", valueName: "amount"))
  var price: Double?

  @Option(help: ArgumentHelp("Rank counts to fit, such as 1,2; the study's others are predicted.", valueName: "list"))
  var fitRanks: String?

  @Option(
    help: ArgumentHelp("Another study of the same run, to stand beside the predictions.", valueName: "folder"),
    completion: .directory)
  var against: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("Which trials, where the study has several kinds; may be repeated.", valueName: "key=value"))
  var only: [String] = []

  @Option(
    help: ArgumentHelp("Folder for the report; by default 'projection' in the study's.", valueName: "folder"),
    completion: .directory)
  var output: String?

  func validate() throws {
    if network != nil, latency != nil || bandwidth != nil {
      throw ValidationError("--network and --latency with --bandwidth are two networks: give one of them")
    }
    if (latency == nil) != (bandwidth == nil) { throw ValidationError("--latency and --bandwidth are given together") }
    if elsewhere, network == nil { throw ValidationError("--elsewhere means nothing without --network") }
    try FlagRange.ranksPerNode.require("--ranks-per-node", ranksPerNode)
    if let price, !(0...1e9).contains(price) {
      throw ValidationError("--price is \(price), but must be from 0 to 1000000000")
    }
    _ = (try nodeCounts, try rankCounts, try sheet)
  }

  func run() throws {
    do {
      let target = output ?? (folder as NSString).appendingPathComponent("projection")
      try ReportFolder.require(target, of: ProjectionReport.dataFile)
      let stored = try StoredStudy(folder: folder)
      let subject = try ProjectionSubject(stored, only: only)
      let other = try against.map { try StoredStudy(folder: $0) }
      let projection = try Projection(subject.summary, subject.records, try question(subject, against: other))
      let report = ProjectionReport(
        projection, of: subject, pricePerNodeHour: price, command: Job.commandLine,
        notices: stored.notices + (other?.notices ?? []))
      let files = try report.write(to: target)
      try Console.result("\(report.terminal)\nreport: \(files[0])")
    } catch {
      throw ValidationFailure(error)
    }
  }

  private func question(_ subject: ProjectionSubject, against other: StoredStudy?) throws -> ProjectionQuestion {
    var question = ProjectionQuestion()
    question.network = try network.map(NetworkModel.read) ?? sheet
    question.isElsewhere = elsewhere
    question.fitRanks = try rankCounts
    question.against = try other.map { try ProjectionSubject($0, only: only).records } ?? []
    let each = ranksPerNode ?? min(subject.summary.study.cost.ranksPerNode, FlagRange.ranksPerNode.range.upperBound)
    let counts = try nodeCounts ?? (0...12).map { 1 << $0 }
    question.places = counts.map { ProjectionQuestion.Place(ranks: $0 * each, nodes: $0) }
    return question
  }

  private var nodeCounts: [Int]? {
    get throws { try nodes.map { try FlagRange.nodes.list("--nodes", $0) } }
  }

  private var rankCounts: [Int]? {
    get throws { try fitRanks.map { try FlagRange.ranks.list("--fit-ranks", $0) } }
  }

  private var sheet: NetworkModel? {
    get throws {
      guard let latency, let bandwidth else { return nil }
      return NetworkModel(
        dataSheet: try Quantity.seconds("--latency", latency),
        bandwidthBytesPerSecond: try Quantity.bytesPerSecond("--bandwidth", bandwidth))
    }
  }
}
