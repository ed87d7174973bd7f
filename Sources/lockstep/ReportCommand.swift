import ArgumentParser
import Foundation
import Reports
import Studies
import Training

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Write a study's report anew from its stored results, or show a run's.",
    discussion: """
      With --as, give the results to another tool instead:
        lockstep report output/study --as tensorboard --output output/curves     # tensorboard --logdir output/curves
        lockstep report output/first --as mlperf --output output/logs            # :::MLLOG lines
        lockstep report output/study --as extra-p --output output/models         # extrap --json output/models/extra-p.json
      """)

  @Argument(help: "The --output folder of a study or of a run.", completion: .directory)
  var folder: String

  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "The tool that is to read the results: \(OtherTool.words).", valueName: "tool"),
    completion: .list(OtherTool.allCases.map(\.rawValue)), transform: ReportCommand.tool)
  var tool: OtherTool?

  @Option(
    help: ArgumentHelp("With --as: folder for the files; made if needed, and empty.", valueName: "folder"),
    completion: .directory)
  var output: String?

  @Option(
    help: ArgumentHelp(
      "With --as mlperf: MLPerf's name of the benchmark, such as dlrm_dcnv2. [default: the model's name]",
      valueName: "name"))
  var benchmark: String?

  func validate() throws {
    if let tool, output == nil { throw ValidationError("--as \(tool.rawValue) needs a folder for the files: --output") }
    if output != nil, tool == nil { throw ValidationError("--output means nothing without --as") }
    guard let benchmark else { return }
    if tool != .mlperf { throw ValidationError("--benchmark means nothing without --as mlperf") }
    if benchmark.isEmpty { throw ValidationError("--benchmark is empty: give a name, or leave it out") }
  }

  func run() throws {
    do {
      if let tool, let output { return try export(to: output, tool) }
      let saved = try SavedModel(folder)
      if saved.has(.run) {
        try Console.result(RunReport(saved.record()).terminal)
      } else {
        try Console.result(try Self.write(StudyReport(StoredStudy(folder: folder)), to: folder))
      }
    } catch {
      throw ValidationFailure(error)
    }
  }

  /// - Returns: what there is to show.
  static func write(_ report: StudyReport, to folder: String) throws -> String {
    let files = try report.write(to: folder)
    return "\(report.terminal)\nreport: \(files[0])"
  }

  private func export(to output: String, _ tool: OtherTool) throws {
    let saved = try SavedModel(folder)
    let export =
      saved.has(.run)
      ? try ToolExport(saved.record(), for: tool, benchmark: benchmark)
      : try ToolExport(StoredStudy(folder: folder), for: tool, benchmark: benchmark)
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
