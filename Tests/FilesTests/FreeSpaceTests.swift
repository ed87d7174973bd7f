import Files
import Foundation
import Testing

@Suite struct FreeSpaceTests {
  @Test func tooLittleIsSaidWithBothFigures() throws {
    let folder = try TemporaryFolder()
    try FreeSpace.require(1, at: folder.path)
    let error = #expect(throws: FileError.self) { try FreeSpace.require(.max, at: folder.path) }
    for word in [folder.path, "MB are needed", "are free", "free some space"] {
      #expect(error?.description.contains(word) == true, "\(error?.description ?? "")")
    }
  }

  @Test func everyErrorOfTheSystemHasARemedy() {
    let remedies = [
      (ENOSPC, "free some space"), (EFBIG, "ulimit -f"), (EACCES, "may write"), (ENOTDIR, "in the way"), (EIO, "check"),
    ]
    for (code, words) in remedies { #expect(FileError("write to", "a", code).description.contains(words)) }
  }
}
