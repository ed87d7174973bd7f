import Configuration
import Files
import Foundation
import Training

/// The results in an output folder: all that a report is made from. Reading changes nothing on the disk.
public struct StoredStudy: Sendable {
  /// The study, in an output folder.
  public static let studyFile = "study.json"
  /// Its finished trials, a line each.
  public static let trialsFile = "trials.jsonl"

  /// As stored, with its rank counts decided.
  public let study: StudyConfiguration
  /// Those that the study asks for, in the order in which they finished.
  public let records: [TrialRecord]
  /// Notes for the reader: a torn last line that was left out, trials that are not asked for any more.
  public let notices: [String]

  /// Results in memory.
  package init(_ study: StudyConfiguration, _ records: [TrialRecord]) { self.init(study, records, notices: []) }

  /// - Parameter all: also those that the study does not ask for any more.
  private init(_ study: StudyConfiguration, _ all: [TrialRecord], notices: [String]) {
    let asked = Set(study.plan(after: all))
    self.study = study
    records = all.filter { asked.contains($0.trial) }
    let others = all.count { !asked.contains($0.trial) && $0.round == nil }
    self.notices = notices + (others == 0 ? [] : [Self.notice(others: others)])
  }

  /// - Throws: `StudyError` or `ConfigurationError` where the folder holds no study, or one that cannot be read.
  public init(folder: String) throws {
    guard let study = try Self.readStudy(folder) else {
      throw StudyError(
        "\(folder) holds no \(Self.studyFile): give the folder that 'lockstep study' wrote with --output")
    }
    let lines = try Self.lines(in: folder)
    self.init(study, TrialRecord.withoutRepeats(lines.records), notices: lines.notices)
  }

  private static func notice(others: Int) -> String {
    "\(others) finished \(others == 1 ? "trial is" : "trials are") in no figure: the study does not ask for them any more (other seeds, "
      + "rank counts, places or parts); they stay in \(trialsFile)"
  }

  /// As `results.csv` lists them.
  public var rows: [TrialRecord] { StudyChapter.of(study, records).flatMap(\.records) }

  /// The study's trials that nothing is stored of.
  public var missing: [Trial] {
    let finished = Set(records.map(\.trial))
    return study.plan(after: records).filter { !finished.contains($0) }
  }

  /// All lines of the folder and of its shares.
  ///
  /// - Parameter own: a folder that is left out.
  static func lines(in folder: String, butOf own: String? = nil) throws -> (records: [TrialRecord], notices: [String]) {
    let all = try ([folder] + StudyShare.folders(in: folder)).filter { $0 != own }.map {
      try TrialLines(path: ($0 as NSString).appendingPathComponent(trialsFile))
    }
    return (all.flatMap(\.records), all.flatMap(\.notices))
  }

  /// The fingerprint that `study.json` must state for the study in it.
  package static func fingerprint(of file: ConfigurationNode) throws -> String {
    try StudyIdentity(StudyFile(file).study).fingerprint
  }

  /// nil where there is none.
  static func readStudy(_ folder: String) throws -> StudyConfiguration? {
    let path = (folder as NSString).appendingPathComponent(studyFile)
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    let file = try StudyFile.stored.read(file: path) { try StudyFile($0) }
    guard try StudyIdentity(file.study).fingerprint == file.fingerprint else {
      throw StudyError(
        "\(path) was changed by hand: its fingerprint \(file.fingerprint) does not fit its run; put it back as it was, "
          + "or give another folder with --output")
    }
    return file.study
  }
}

/// `study.json`.
struct StudyFile: Encodable {
  static let stored = StoredKind("a study", version: 1, remedy: "give another folder with --output")

  var version = Self.stored.version
  /// Fingerprint of the run; the same for studies whose results may stand together.
  var fingerprint: String
  var study: StudyConfiguration

  init(fingerprint: String, study: StudyConfiguration) {
    self.fingerprint = fingerprint
    self.study = study
  }

  private enum Key: String, SectionKey { case version, fingerprint, study }

  init(_ node: ConfigurationNode) throws {
    let section = try Section<Key>(node)
    version = try section.required(.version).whole()
    fingerprint = try section.required(.fingerprint).text()
    study = try StudyConfiguration(try section.required(.study))
  }
}

/// `trials.jsonl`, read.
struct TrialLines {
  var records: [TrialRecord] = []
  var notices: [String] = []
  /// Where the last whole line ends.
  var wholeBytes = 0
  /// The last line is whole, but was cut off just before its line end.
  var lacksLineEnd = false

  /// A missing file holds no trials.
  init(path: String) throws {
    guard FileManager.default.fileExists(atPath: path) else { return }
    try InputFile.require(path, "a study's trials")
    guard let data = FileManager.default.contents(atPath: path) else {
      throw StudyError("cannot read \(path): check its permissions")
    }
    var lineOfTrial: [TrialRecord.Identity: Int] = [:]
    var rest = data[...]
    var number = 0
    while !rest.isEmpty {
      number += 1
      let end = rest.firstIndex(of: UInt8(ascii: "\n"))
      let line = rest[..<(end ?? rest.endIndex)]
      rest = end.map { rest[($0 + 1)...] } ?? rest[rest.endIndex...]
      guard let node = try Self.node(line, path, number, isWhole: end != nil) else {
        notices.append(
          "\(path):\(number): the last line is torn (the study was killed while writing it); that trial is left out")
        return
      }
      let record = try TrialRecord(stored: node)
      if let first = lineOfTrial.updateValue(number, forKey: record.identity) {
        throw StudyError("\(node.place): the same trial is already on line \(first); \(TrialRecord.stored.remedy)")
      }
      records.append(record)
      wholeBytes = rest.startIndex - data.startIndex
      lacksLineEnd = end == nil
    }
  }

  /// Nil where the line is none, as it was being written when the study died.
  private static func node(_ line: Data, _ path: String, _ number: Int, isWhole: Bool) throws -> ConfigurationNode? {
    do {
      return try line.withUnsafeBytes { try ConfigurationNode(json: $0, source: path, line: number) }
    } catch {
      guard isWhole else { return nil }
      throw StudyError("\(error); \(TrialRecord.stored.remedy)")
    }
  }
}
