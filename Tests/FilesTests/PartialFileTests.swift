import Files
import Foundation
import Testing

/// A file that a killed process left half written goes; one that another is writing stays.
@Suite struct PartialFileTests {
  @Test func aFolderIsFreedOfWhatNobodyWrites() throws {
    let folder = try TemporaryFolder()
    // As versions before named them, with the number of a process, and as they are named now.
    for name in [".weights.safetensors.12345.partial", ".a.b.0123456789abcdef.partial"] {
      try folder.write("half", to: name)
    }
    for name in [".partial", ".a.partial", ".a.xyz.partial", "a.12.partial"] { try folder.write("mine", to: name) }
    var written = try AtomicFile("\(folder.path)/scores.csv")
    try written.write(Data("whole".utf8))
    _ = try OutputFolder(folder.path)
    #expect(folder.names.count == 5, "\(folder.names)")
    try written.commit()
    #expect(folder.names == [".a.partial", ".a.xyz.partial", ".partial", "a.12.partial", "scores.csv"])
    #expect(folder.text(of: "scores.csv") == "whole")
  }

  @Test func aFileThatIsWrittenAgainFreesItsOwn() throws {
    let folder = try TemporaryFolder()
    try folder.write("half", to: ".scores.csv.77.partial")
    try folder.write("half", to: ".other.csv.77.partial")
    try AtomicFile.write(Data("whole".utf8), to: "\(folder.path)/scores.csv")
    #expect(folder.names == [".other.csv.77.partial", "scores.csv"])
  }

  @Test func whatIsNotCommittedIsGone() throws {
    let folder = try TemporaryFolder()
    do {
      var file = try AtomicFile("\(folder.path)/a")
      try file.write(Data("half".utf8))
    }
    #expect(folder.names == [])
  }

  @Test func twoMayWriteOneFileAndTheLastStays() throws {
    let folder = try TemporaryFolder()
    var first = try AtomicFile("\(folder.path)/a")
    var second = try AtomicFile("\(folder.path)/a")
    try second.write(Data("second".utf8))
    try first.write(Data("first".utf8))
    try second.commit()
    try first.commit()
    #expect(folder.names == ["a"] && folder.text(of: "a") == "first")
  }
}
