import Configuration
import Files
import Foundation
import Training

/// A study's results on the disk: `study.json` says which study, `trials.jsonl` holds a line for each finished trial.
/// A line is on the disk, flushed, before `append` returns, so that a study killed at any moment continues where it was.
///
/// Jobs that share a study (`StudyShare`) have a `trials.jsonl` each, in a folder within, and know each other's trials.
///
/// For one rank of a job. To read results only, use `StoredStudy`.
public final class TrialStore {
  /// As the user named it.
  public let folder: String
  /// With its rank counts decided.
  public let study: StudyConfiguration
  /// Those that this job is to run, finished ones too: the study's, or a share of them. Where the study searches, as far as they
  /// are known after what has finished.
  public var trials: [Trial] {
    guard study.searches else { return fixedTrials }
    let plan = study.plan(after: records)
    return zip(plan, study.shareUnits(plan)).filter { share?.contains($1) ?? true }.map(\.0)
  }
  private let fixedTrials: [Trial]
  private let share: StudyShare?
  /// In the order in which they finished; then those of other shares, as they were when this one began.
  public private(set) var records: [TrialRecord]
  /// Notes for the person: a torn last line that was cut off.
  public let notices: [String]
  private let path: String
  private let locks: [FolderLock]
  private let descriptor: Int32

  /// Opens the folder's results, or makes them.
  ///
  /// - Parameters:
  ///   - study: with its rank counts decided.
  ///   - share: nil for all trials. That no job begins a share meanwhile is not looked at: the person sees to it.
  /// - Throws: `StudyError` where the folder cannot be written, is in use, or holds another study or a malformed line.
  public init(folder: String, study: StudyConfiguration, share: StudyShare? = nil) throws {
    precondition(study.axes.ranks != nil, "the study's rank counts are not decided")
    if share != nil, study.interpolates {
      throw StudyError(
        "--share: 'interpolation' needs the weights of trials that another share may run: run this study as one job")
    }
    let own = try Self.ownFolder(in: OutputFolder(folder), share)
    locks = try ([own] + (share == nil ? StudyShare.folders(in: folder) : [])).map { try FolderLock($0) }
    self.folder = folder
    self.study = study
    self.share = share
    fixedTrials = study.trials.enumerated().filter { share?.contains($0.offset) ?? true }.map(\.element)
    path = (own as NSString).appendingPathComponent(StoredStudy.trialsFile)
    try Self.checkSameStudy(study, folder: folder, trials: path, isWhole: share == nil)
    descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError("open", path) }
    do {
      let lines = try TrialLines(path: path)
      let there = lines.records + (try StoredStudy.lines(in: folder, butOf: own).records)
      try Self.checkMicroBatches(there, study, folder: folder)
      try Self.repair(lines, descriptor, path)
      try Self.writeStudy(study, folder: folder)
      records = TrialRecord.withoutRepeats(there)
      notices = lines.notices
    } catch {
      close(descriptor)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// Trials that the results hold, diverged ones too: to diverge is a result.
  public var finished: Set<Trial> { Set(records.map(\.trial)) }

  /// The trials still to run, in order.
  public var remaining: [Trial] {
    let finished = finished
    return trials.filter { !finished.contains($0) }
  }

  /// Returns once the line is on the disk. On an error (a full disk) the file is as it was before.
  ///
  /// - Throws: `StudyError` where the file is no longer there, `FileError`.
  public func append(_ record: TrialRecord) throws {
    try requireInPlace()
    var line = try RecordFile.encoder().encode(record)
    line.append(UInt8(ascii: "\n"))
    let before = lseek(descriptor, 0, SEEK_END)
    do {
      try line.withUnsafeBytes { try AtomicFile.write($0, to: descriptor, path) }
      guard fsync(descriptor) == 0 else { throw FileError("flush", path) }
    } catch {
      ftruncate(descriptor, before)
      throw (error as? FileError)?.adding("what was finished before is kept") ?? error
    }
    records.append(record)
  }

  /// Where a trial that is cut short leaves what it goes on from.
  func checkpoints(of run: RunConfiguration, ranks: Int) -> String {
    "\(PathParts.folder(of: path))/\(Self.trialsFolder)/\(Checkpoint.key(of: run, ranks: ranks))"
  }

  /// After the trial's end; with the folders, where nothing is left in them.
  static func removeCheckpoints(_ trainer: Trainer, _ folder: String) {
    trainer.removeCheckpoints()
    rmdir(folder)
    rmdir(PathParts.folder(of: folder))
  }

  private static let trialsFolder = "trials"

  /// Final weights of a trial that others are interpolated towards.
  func weights(of run: RunConfiguration, ranks: Int) -> String {
    "\(folder)/\(Self.weightsFolder)/\(Checkpoint.key(of: run, ranks: ranks)).safetensors"
  }

  /// Where those of a finished trial lie.
  ///
  /// - Returns: nil where it did not come to its end.
  /// - Throws: `StudyError` where they are gone.
  func keptWeights(of trial: Trial) throws -> String? {
    guard let record = records.first(where: { $0.trial == trial && $0.round == nil }),
      record.run.outcome == .completed
    else { return nil }
    guard let run = study.run(for: trial) else { preconditionFailure("a trial of no part: \(trial)") }
    let file = weights(of: run, ranks: trial.ranks)
    guard FileManager.default.fileExists(atPath: file) else {
      throw StudyError(
        "\(file) is missing: the final weights of a finished trial, towards which the next one is to be interpolated; put it back, "
          + "or give another folder with --output")
    }
    return file
  }

  private static let weightsFolder = "weights"

  /// - Throws: `StudyError` where the results were removed or moved since the study began: lines would go nowhere.
  public func requireInPlace() throws {
    guard !SameFile.isSame(descriptor, path) else { return }
    throw StudyError(
      "\(path) was removed or replaced while the study ran: what this job adds would be lost; put the folder back, or "
        + "start the study again with a folder that stays")
  }

  private static func ownFolder(in folder: OutputFolder, _ share: StudyShare?) throws -> String {
    try share.map { try OutputFolder(folder.file($0.folderName)).path } ?? folder.path
  }

  /// - Parameter isWhole: no other job has a share of the study: what has no results yet, such as one that was refused for its
  ///   data, gives way.
  private static func checkSameStudy(
    _ study: StudyConfiguration, folder: String, trials: String, isWhole: Bool
  ) throws {
    guard let stored = try StoredStudy.readStudy(folder) else {
      if let model = SavedFile.allCases.first(where: {
        FileManager.default.fileExists(atPath: "\(folder)/\($0.rawValue)")
      }) {
        throw StudyError("\(folder) holds a model (\(model.rawValue)), not a study; give another folder with --output")
      }
      guard !FileManager.default.fileExists(atPath: trials) else {
        throw StudyError(
          "\(trials) lies there without \(StoredStudy.studyFile), so it is not known which study it belongs to; "
            + "give another folder with --output")
      }
      return
    }
    let differences = try StudyIdentity(study).differences(from: StudyIdentity(stored))
    guard try differences.isEmpty || isWhole && StoredStudy.lines(in: folder).records.isEmpty else {
      throw StudyError(
        "\(folder) holds the results of another study: \(differences.joined(separator: "; ")). "
          + "Give another folder with --output")
    }
  }

  /// A microbatch follows from the largest rank count, which is an axis: a study may grow only in ways that leave its
  /// finished trials as they would be run today.
  private static func checkMicroBatches(_ records: [TrialRecord], _ study: StudyConfiguration, folder: String) throws {
    for record in records {
      guard let owner = study.owner(of: record.trial), let ours = study.run(for: record.trial)?.microBatch else {
        continue
      }
      let theirs = record.run.configuration.microBatch
      guard theirs == ours else {
        throw StudyError(
          "\(folder) holds trials of global batch \(record.trial.globalBatch) with microbatches of \(theirs), and this "
            + "study would make them \(ours) (axes.ranks \(owner.rankCounts), microBatchAtMost "
            + "\(owner.microBatchAtMost)): they could not be compared. Keep both as they were, or give another folder "
            + "with --output")
      }
    }
  }

  private static func repair(_ lines: TrialLines, _ descriptor: Int32, _ path: String) throws {
    guard ftruncate(descriptor, off_t(lines.wholeBytes)) == 0 else { throw FileError("shorten", path) }
    if lines.lacksLineEnd { try Data("\n".utf8).withUnsafeBytes { try AtomicFile.write($0, to: descriptor, path) } }
    guard fsync(descriptor) == 0 else { throw FileError("flush", path) }
  }

  private static func writeStudy(_ study: StudyConfiguration, folder: String) throws {
    let file = StudyFile(fingerprint: try StudyIdentity(study).fingerprint, study: study)
    let path = (folder as NSString).appendingPathComponent(StoredStudy.studyFile)
    try AtomicFile.write(RecordFile.encoder(pretty: true).encode(file), to: path)
  }
}
