import Files
import Foundation
import Studies
import Training

/// Where a report goes that is not its study's own: not over the results, or another report, of something else.
enum ReportFolder {
  /// - Parameter own: a file by which a report of the same kind is known, which may be replaced.
  /// - Throws: `StudyError` that names what lies there.
  static func require(_ folder: String, of own: String) throws {
    let path = NSString(string: folder).expandingTildeInPath
    func has(_ file: String) -> Bool {
      FileManager.default.fileExists(atPath: (path as NSString).appendingPathComponent(file))
    }
    if has(StoredStudy.studyFile) {
      throw StudyError("\(folder) holds a study, whose report this one would overwrite: give another --output")
    }
    if let model = SavedFile.allCases.first(where: { has($0.rawValue) }) {
      throw StudyError("\(folder) holds a model (\(model.rawValue)): give another --output for the report")
    }
    guard has(own) || !has("report.html") else {
      throw StudyError("\(folder) holds a report of something else (report.html): give another --output")
    }
  }
}
