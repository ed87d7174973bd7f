import Files
import Foundation

/// One of several studies that are compared with each other.
public struct ComparedStudy: Sendable {
  /// What tells it from the others: as much of its folder's path as that takes.
  public let name: String
  /// As the user named it.
  public let folder: String
  /// Its results.
  public let stored: StoredStudy

  /// Where its figures come from.
  public var provenance: Provenance { Provenance(stored.records) }

  /// Reads studies and names them.
  ///
  /// - Throws: `StudyError` or `ConfigurationError` where a folder holds no study or none that can be read, or is named twice.
  public static func read(_ folders: [String]) throws -> [ComparedStudy] {
    var known: [String: String] = [:]
    for folder in folders {
      guard let other = known.updateValue(folder, forKey: realPath(of: folder)) else { continue }
      throw StudyError(
        "\(folder) is the same folder as \(other): a study beside itself tells nothing; to learn how much two runs of one study "
          + "differ, run it again with another --output")
    }
    return named(try folders.map { (folder: $0, stored: try StoredStudy(folder: $0)) })
  }

  /// Results in memory, or read before.
  package static func named(_ studies: [(folder: String, stored: StoredStudy)]) -> [ComparedStudy] {
    zip(studies, names(of: studies.map(\.folder))).map {
      ComparedStudy(name: $1, folder: $0.folder, stored: $0.stored)
    }
  }

  /// The last names of the paths, with as many before them as make all different.
  private static func names(of folders: [String]) -> [String] {
    let parts = folders.map { realPath(of: $0).split(separator: "/").map(String.init) }
    for length in 1...max(1, parts.map(\.count).max() ?? 1) {
      let names = parts.map { $0.suffix(length).joined(separator: "/") }
      if Set(names).count == names.count { return names.map { $0.isEmpty ? "/" : $0 } }
    }
    return folders
  }

  private static func realPath(of folder: String) -> String {
    URL(fileURLWithPath: NSString(string: folder).expandingTildeInPath).resolvingSymlinksInPath().standardizedFileURL
      .path
  }
}
