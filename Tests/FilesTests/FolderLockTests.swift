import Files
import Foundation
import Testing

@Suite struct FolderLockTests {
  @Test func aSecondIsToldWhoTheFirstIs() throws {
    let folder = try TemporaryFolder()
    let first = try FolderLock(folder.path)
    let error = #expect(throws: FileError.self) { _ = try FolderLock(folder.path) }
    let words = error?.description ?? ""
    for word in [folder.path, "in use by process \(getpid()) on ", " since 20", "wait", "another folder"] {
      #expect(words.contains(word), "no '\(word)' in '\(words)'")
    }
    #expect(first.isHeld)
  }

  @Test func endsWithItsHolderAndLeavesNothing() throws {
    let folder = try TemporaryFolder()
    do { _ = try FolderLock(folder.path) }
    #expect(folder.names == [])
    _ = try FolderLock(folder.path)
  }

  /// The rest that a killed process leaves.
  @Test func aFileOfTheDeadIsNoObstacle() throws {
    let folder = try TemporaryFolder()
    try folder.write("process 1 on elsewhere since 2020-01-01T00:00:00Z\n", to: FolderLock.fileName)
    let lock = try FolderLock(folder.path)
    #expect(folder.text(of: FolderLock.fileName).contains("process \(getpid()) "))
    withExtendedLifetime(lock) {}
  }

  @Test func aFolderThatWasRemovedIsNoLongerHeld() throws {
    let folder = try TemporaryFolder()
    let lock = try FolderLock(folder.path)
    try FileManager.default.removeItem(at: folder.url)
    #expect(!lock.isHeld)
    try FileManager.default.createDirectory(at: folder.url, withIntermediateDirectories: true)
    let second = try FolderLock(folder.path)
    #expect(!lock.isHeld && second.isHeld)
  }
}
