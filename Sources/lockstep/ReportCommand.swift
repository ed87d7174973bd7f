import ArgumentParser
import Foundation
import Reports
import Studies
import Training

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Write a study's report anew from its stored results, show a run's, or compare several studies.",
    discussion: """
      Several studies of the same data and model (of other machines, commits, job sizes) come on one page, with what differs between \
      them and which differences of time and quality are more than chance:
        lockstep report output/before output/after --output output/before-after
      With --as, give the results of one to another tool instead:
        lockstep report output/study --as tensorboard --output output/curves     # tensorboard --logdir output/curves
        lockstep report output/first --as mlperf --output output/logs            # :::MLLOG lines
        lockstep report output/study --as extra-p --output output/models         # extrap --json output/models/extra-p.json
      """)

  @Argument(
    help: "The --output folder of a study or of a run; of several studies, to compare them.", completion: .directory)
  var folders: [String]

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp("The tool that is to read the results: \(OtherTool.words).", valueName: "tool"),
    completion: .list(OtherTool.allCases.map(\.rawValue)), transform: ReportCommand.tool)
  var tool: OtherTool?

  @Option(
    help: ArgumentHelp(
      "Folder for the report of several studies, or for --as, then empty; made if needed.", valueName: "folder"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "With --as mlperf: MLPerf's name of the benchmark, such as dlrm_dcnv2. [default: the model's name]",
      valueName: "name"))
  var benchmark: String?

  func validate() throws {
    if let tool {
      if output == nil { throw ValidationError("--as \(tool.rawValue) needs a folder for the files: --output") }
      if folders.count > 1 { throw ValidationError("--as gives one study's or run's results: name one folder") }
    } else if folders.count > 1, output == nil {
      throw ValidationError("several studies make a report of their own: give a folder for it with --output")
    } else if folders.count == 1, output != nil {
      throw ValidationError("--output is for several studies, or for --as: the report of one goes into its own folder")
    }
    guard let benchmark else { return }
    if tool != .mlperf { throw ValidationError("--benchmark means nothing without --as mlperf") }
    if benchmark.isEmpty { throw ValidationError("--benchmark is empty: give a name, or leave it out") }
  }

  func run() throws {
    do {
      if let output {
        try tool.map { try export(to: output, $0) } ?? compare(to: output)
      } else {
        try show(folders[0])
      }
    } catch {
      throw ValidationFailure(error)
    }
  }

  private func show(_ folder: String) throws {
    let saved = try SavedModel(folder)
    if saved.has(.run) {
      try Console.result(RunReport(saved.record()).terminal)
    } else {
      try Console.result(try Self.write(StudyReport(StoredStudy(folder: folder)), to: folder))
    }
  }

  private func compare(to output: String) throws {
    try ReportFolder.require(output, of: ComparisonReport.dataFile)
    let report = ComparisonReport(try StudyComparison(ComparedStudy.read(folders)), command: Job.commandLine)
    let files = try report.write(to: output)
    try Console.result("\(report.terminal)\nreport: \(files[0])")
  }

  /// - Returns: what there is to show.
  static func write(_ report: StudyReport, to folder: String) throws -> String {
    let files = try report.write(to: folder)
    return "\(report.terminal)\nreport: \(files[0])"
  }

  private func export(to output: String, _ tool: OtherTool) throws {
    let saved = try SavedModel(folders[0])
    let export =
      saved.has(.run)
      ? try ToolExport(saved.record(), for: tool, benchmark: benchmark)
      : try ToolExport(StoredStudy(folder: folders[0]), for: tool, benchmark: benchmark)
    let files = try export.write(to: output)
    for notice in export.notices { Console.line("note: \(notice)") }
    try Console.result(
      "\(Format.plural(export.runs, "run")) in \(Format.plural(files.count, "file")): \(files.first ?? output)")
  }

  private static func tool(_ text: String) throws -> OtherTool {
    guard let tool = OtherTool(rawValue: text) else {
      throw ValidationError("it must be \(OtherTool.words)")
    }
    return tool
  }
}

extension OtherTool {
  /// `mlperf, tensorboard or extra-p`.
  fileprivate static var words: String {
    let names = allCases.map(\.rawValue)
    return "\(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")"
  }
}
