import Files
import Foundation
import Studies
import Training

/// Tools of others that stored results can be given to.
public enum OtherTool: String, CaseIterable, Sendable {
  /// Logs as MLPerf's training benchmarks write them, for its compliance checker and what reads its results.
  case mlperf
  /// Event files with curves and hyperparameters.
  case tensorBoard = "tensorboard"
  /// Times at each number of ranks and global batch, for models of performance.
  case extraP = "extra-p"
}

/// A run's or a study's stored results in the form that another tool reads. A pure function of them.
public struct ToolExport: Sendable {
  /// Where it cannot be made: what is lacking, and what to do.
  public struct Failure: Error, Equatable, CustomStringConvertible {
    /// For a person.
    public let description: String
  }

  /// A file, by its path in the folder.
  public struct File: Sendable {
    /// With slashes, none at the start.
    public var path: String
    /// Whole.
    public var data: Data
  }

  /// In the order in which they are written.
  public let files: [File]
  /// Runs that they tell of.
  public let runs: Int
  /// For the person: what was left out.
  public let notices: [String]

  /// Of a run.
  ///
  /// - Parameters:
  ///   - benchmark: MLPerf's name of the benchmark; nil for the model's own name.
  /// - Throws: `Failure` where the record knows too little.
  public init(_ record: RunRecord, for tool: OtherTool, benchmark: String? = nil) throws {
    try self.init([ExportedRun(record: record)], [], for: tool, benchmark, disturbedAbove: .infinity, notices: [])
  }

  /// Of a study's finished trials.
  ///
  /// - Throws: `Failure` where none has an epoch, or their records know too little.
  public init(_ stored: StoredStudy, for tool: OtherTool, benchmark: String? = nil) throws {
    func run(_ record: TrialRecord) -> ExportedRun {
      ExportedRun(
        record: record.run, trial: record.trial, target: (stored.study.owner(of: record.trial) ?? stored.study).target)
    }
    let trained = stored.records.filter { $0.calls == nil }
    let missing = stored.missing.count
    try self.init(
      trained.filter { $0.round == nil }.map(run), trained.filter { $0.round != nil }.map(run), for: tool, benchmark,
      disturbedAbove: stored.study.measuring.disturbedAbove,
      notices: stored.notices
        + (missing > 0
          ? ["\(Format.plural(missing, "trial")) of \(stored.study.trials.count) not run yet: left out"] : [])
        + (trained.count < stored.records.count ? ["trials that time calls have no epochs: left out"] : []))
  }

  /// - Parameter rounds: the same work again, for its times alone.
  private init(
    _ runs: [ExportedRun], _ rounds: [ExportedRun], for tool: OtherTool, _ benchmark: String?, disturbedAbove: Double,
    notices: [String]
  ) throws {
    guard !runs.isEmpty else { throw Failure(description: "no trial that trains has finished: nothing to tell of") }
    var notices = notices
    switch tool {
    case .mlperf:
      let timed = runs.filter(MLPerfLog.canTell)
      guard !timed.isEmpty else { throw Failure(description: MLPerfLog.lacksMoments) }
      if timed.count < runs.count {
        notices.append("\(Format.plural(runs.count - timed.count, "run")) left out: \(MLPerfLog.lacksMoments)")
      }
      files = try MLPerfLog.files(of: timed, benchmark: benchmark)
      self.runs = timed.count
    case .tensorBoard:
      files = try TensorBoardLog.files(of: runs)
      self.runs = runs.count
      if runs.contains(where: { $0.record.moments == nil }) {
        notices.append(
          "records from before epochs' moments were noted: their points have the time of the run's start and differ in step only"
        )
      }
    case .extraP:
      files = try ExtraPMeasurements.files(of: runs + rounds, disturbedAbove: disturbedAbove)
      self.runs = runs.count
    }
    self.notices = notices
  }

  /// Writes the files, each completely or not at all, into a folder that is not there or empty.
  ///
  /// - Returns: what was written, in order.
  /// - Throws: `Failure` where the folder holds something, `FileError` where it cannot be written.
  public func write(to folder: String) throws -> [String] {
    let path = NSString(string: folder).expandingTildeInPath
    if let there = try? FileManager.default.contentsOfDirectory(atPath: path), let first = there.sorted().first {
      throw Failure(
        description:
          "\(folder) is not empty (\(first)), and what is read from it would be mixed with what is there: give "
          + "another folder with --output, or remove that one")
    }
    let output = try OutputFolder(folder)
    for file in files {
      let target = output.file(file.path)
      if file.path.contains("/") { _ = try OutputFolder(PathParts.folder(of: target)) }
      try AtomicFile.write(file.data, to: target)
    }
    return files.map { output.file($0.path) }
  }
}
