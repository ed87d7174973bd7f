import Configuration
import Foundation
import Training

/// What an output folder holds of a study: all that a report is made from. Reading changes nothing on the disk.
public struct StoredStudy: Sendable {
  public static let studyFile = "study.json"
  public static let trialsFile = "trials.jsonl"

  public let study: StudyConfiguration
  public let records: [TrialRecord]
  /// What the reader should know: a torn last line that was left out.
  public let notices: [String]

  /// - Throws: `StudyError` where the folder holds no study, or one that cannot be read.
  public init(folder: String) throws {
    guard let study = try Self.readStudy(folder) else {
      throw StudyError(
        "\(folder) holds no \(Self.studyFile): give the folder that 'lockstep study' wrote with --output")
    }
    let lines = try TrialLines(path: (folder as NSString).appendingPathComponent(Self.trialsFile))
    self.study = study
    records = lines.records
    notices = lines.notices
  }

  /// nil where there is none.
  static func readStudy(_ folder: String) throws -> StudyConfiguration? {
    let path = (folder as NSString).appendingPathComponent(studyFile)
    guard let data = FileManager.default.contents(atPath: path) else {
      guard FileManager.default.fileExists(atPath: path) else { return nil }
      throw StudyError("cannot read \(path): check its permissions")
    }
    let file: StudyFile
    do {
      file = try RecordFile.decoder().decode(StudyFile.self, from: data)
    } catch {
      throw StudyError("\(path): \(StudyCoding.explain(error)); give another folder with --output")
    }
    guard file.version == StudyFile.currentVersion else {
      throw StudyError(
        "\(path): version \(file.version) is not \(StudyFile.currentVersion): it was written by another Lockstep; "
          + "use that one, or give another folder with --output")
    }
    guard try StudyIdentity(file.study).fingerprint == file.fingerprint else {
      throw StudyError(
        "\(path) was changed by hand: its fingerprint \(file.fingerprint) does not fit its run; put it back as it was, "
          + "or give another folder with --output")
    }
    return file.study
  }
}

/// `study.json`.
struct StudyFile: Codable {
  static let currentVersion = 1

  var version = Self.currentVersion
  /// Of the run; the same for studies whose results may stand together.
  var fingerprint: String
  var study: StudyConfiguration
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
    guard let data = FileManager.default.contents(atPath: path) else {
      throw StudyError("cannot read \(path): check its permissions")
    }
    var lineOfTrial: [Trial: Int] = [:]
    var rest = data[...]
    var number = 0
    while !rest.isEmpty {
      number += 1
      let end = rest.firstIndex(of: UInt8(ascii: "\n"))
      let line = rest[..<(end ?? rest.endIndex)]
      rest = end.map { rest[($0 + 1)...] } ?? rest[rest.endIndex...]
      let record: TrialRecord
      do {
        record = try RecordFile.decoder().decode(TrialRecord.self, from: Data(line))
      } catch {
        guard end == nil else { throw Self.malformed(path, number, StudyCoding.explain(error)) }
        notices.append(
          "\(path):\(number): the last line is torn (the study was killed while writing it); that trial is left out")
        return
      }
      if let first = lineOfTrial.updateValue(number, forKey: record.trial) {
        throw Self.malformed(path, number, "the same trial is already on line \(first)")
      }
      records.append(record)
      wholeBytes = rest.startIndex - data.startIndex
      lacksLineEnd = end == nil
    }
  }

  private static func malformed(_ path: String, _ line: Int, _ reason: String) -> StudyError {
    StudyError(
      "\(path):\(line): \(reason); remove that line to run its trial again, or give another folder with --output")
  }
}
