import Files
import Foundation

/// One of several parts of a study's trials, for jobs that work on it at the same time, such as those of a batch system's
/// array: of `count` jobs, number `index` runs every `count`-th trial. Each keeps its results in a folder of its own
/// within the study's, where everybody finds them.
public struct StudyShare: Equatable, Sendable {
  /// From 1.
  public let index: Int
  /// Of how many.
  public let count: Int

  /// - Parameter text: such as `2/4`.
  /// - Throws: `StudyError` where it is none.
  public init(_ text: String) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], (1...Self.most).contains(count),
      (1...count).contains(index)
    else {
      throw StudyError(
        "a share is a number and of how many, such as 2/4: from 1 to as many as there are, \(Self.most) at most")
    }
    self.index = index
    self.count = count
  }

  private static let most = 100_000
  private static let prefix = "share-"

  /// Whether it runs the trial at this place of the study's list.
  func contains(_ place: Int) -> Bool { place % count == index - 1 }

  /// In the study's folder.
  var folderName: String { "\(Self.prefix)\(index)-of-\(count)" }

  /// Folders of shares that have left results in a study's folder, in the order of their names.
  static func folders(in folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter { $0.hasPrefix(prefix) }.sorted().map { (folder as NSString).appendingPathComponent($0) }
      .filter {
        FileManager.default.fileExists(atPath: ($0 as NSString).appendingPathComponent(StoredStudy.trialsFile))
      }
  }
}
