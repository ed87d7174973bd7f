import Files
import Foundation
import Testing

/// Files of which all or none are new, whenever who writes them is killed.
@Suite struct StagedFilesTests {
  private static let names = ["a", "b", "c"]

  /// A reader's find: the text of each file that the manifest lists.
  private func read(_ folder: TemporaryFolder) -> [String] {
    let lines = folder.text(of: StagedFiles.manifest).split(separator: "\n").map(String.init)
    guard let id = lines.first else { return [] }
    let staged = StagedFiles(in: folder.path, id: id)
    return lines.dropFirst().map { (try? String(contentsOfFile: staged.current($0), encoding: .utf8)) ?? "none" }
  }

  /// Writes `names` with this text, up to and with the given step; nil does them all.
  private func save(_ text: String, _ names: [String] = Self.names, in folder: TemporaryFolder, steps: Int? = nil)
    throws
  {
    let staged = StagedFiles(in: folder.path)
    let manifest = ([staged.id] + names).joined(separator: "\n")
    let writes = names.map { name in { try AtomicFile.write(Data(text.utf8), to: staged.path(of: name)) } }
    let renames = names.map { name in { try #require(rename(staged.path(of: name), staged.place(of: name)) == 0) } }
    let all = writes + [{ try staged.publish(Data(manifest.utf8)) }] + renames
    for step in all.prefix(steps ?? all.count) { try step() }
    guard steps == nil else { return }
    try staged.settle(names, of: Self.names)
    staged.removeOthers(than: names, of: Self.names)
  }

  /// The steps of a save of three files: three writes, the manifest, three renames.
  @Test(arguments: 0...7) func aSaveThatEndsAfterAnyStepIsWholeOrNotThere(steps: Int) throws {
    let folder = try TemporaryFolder()
    try save("old", in: folder)
    try save("new", in: folder, steps: steps)
    let wanted = steps > 3 ? "new" : "old"
    #expect(read(folder) == [wanted, wanted, wanted])
    // The next process brings it to its end.
    let id = try #require(folder.text(of: StagedFiles.manifest).split(separator: "\n").first.map(String.init))
    try StagedFiles(in: folder.path, id: id).settle(Self.names, of: Self.names)
    #expect(read(folder) == [wanted, wanted, wanted])
    #expect(folder.names == ["a", "b", "c", "manifest.json"])
    for name in Self.names { #expect(folder.text(of: name) == wanted) }
  }

  @Test func filesThatASaveDoesNotListAreRemoved() throws {
    let folder = try TemporaryFolder()
    try save("old", in: folder)
    try save("new", ["a", "b"], in: folder)
    #expect(read(folder) == ["new", "new"] && folder.names == ["a", "b", "manifest.json"])
  }

  @Test func otherHiddenFilesStay() throws {
    let folder = try TemporaryFolder()
    for name in [".a", ".a.0123", ".d.0123456789abcdef", ".a.0123456789abcdefg"] { try folder.write("mine", to: name) }
    try folder.write("stale", to: ".a.0123456789abcdef")
    StagedFiles.removeStaged(in: folder.path, of: Self.names)
    #expect(folder.names == [".a", ".a.0123", ".a.0123456789abcdefg", ".d.0123456789abcdef"])
  }
}
