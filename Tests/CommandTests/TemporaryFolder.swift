import Foundation

/// A folder that goes with the test.
final class TemporaryFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("lockstep-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  var path: String { url.path }
  func file(_ name: String) -> URL { url.appendingPathComponent(name) }

  /// The text of a file in it; empty where there is none.
  func text(of name: String) -> String { (try? String(contentsOf: file(name), encoding: .utf8)) ?? "" }
}
