import Files
import Foundation
import Testing

/// Ranks make the folders of one checkpoint, and those that they lie in, at the same time.
@Suite struct OutputFolderTests {
  @Test func manyMayMakeAFolderAtOnce() throws {
    let folder = try TemporaryFolder()
    for round in 0..<300 {
      let path = "\(folder.path)/\(round)/a/b"
      let made = Made()
      DispatchQueue.concurrentPerform(iterations: 4) { _ in made.note { try OutputFolder.create(path) } }
      #expect(made.problems == [])
    }
  }

  @Test func aFileInTheWayIsNamed() throws {
    let folder = try TemporaryFolder()
    try folder.write("a", to: "file")
    for path in ["\(folder.path)/file", "\(folder.path)/file/a/b"] {
      #expect { try OutputFolder.create(path) } throws: { "\($0)".contains(path) }
    }
  }

  private final class Made: @unchecked Sendable {
    private let lock = NSLock()
    private(set) var problems: [String] = []

    func note(_ body: () throws -> Void) {
      do { try body() } catch { lock.withLock { problems.append("\(error)") } }
    }
  }
}
