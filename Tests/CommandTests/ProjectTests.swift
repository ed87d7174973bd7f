import Configuration
import Foundation
import StoredFiles
import Studies
import SyntheticStudies
import Testing

extension CommandTests {
  /// Of made-up studies, as stored: nothing is trained.
  @Suite struct Project {
    /// With its results on disk.
    private static func store(
      _ folder: TemporaryFolder, _ name: String, globalBatch: [Int] = [64, 256, 1024], ranks: [Int] = [1, 2, 4],
      _ change: (inout StudyConfiguration) -> Void = { _ in }
    ) throws -> String {
      var (study, records) = SyntheticScaling().study(globalBatch: globalBatch, ranks: ranks)
      change(&study)
      let path = folder.file(name).path
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      let store = try TrialStore(folder: path, study: study)
      for record in records { try store.append(record) }
      return path
    }

    private static func run(_ arguments: String) throws -> Shell.Result {
      try Shell.run("\(Shell.lockstep) project \(arguments)")
    }

    @Test func aStudyBecomesAReportBesideIt() throws {
      let folder = try TemporaryFolder()
      let study = try Self.store(folder, "study")
      let result = try Self.run("\(study) --fit-ranks 1,2 --nodes 1,2,4,8")
      try #require(result.status == 0, "\(result.text)")
      #expect(result.output.contains("report: \(study)/projection/report.html"))
      #expect(result.output.contains("that the model was not fitted to: it misses them by"), "\(result.output)")
      for file in ["report.html", "report.md", "projection.csv", "projection.json", "figures/projected-steps.svg"] {
        #expect(Shell.fileExists(URL(fileURLWithPath: "\(study)/projection/\(file)")), "\(file)")
      }
    }

    @Test func aDataSheetAnotherStudyAndAPrice() throws {
      let folder = try TemporaryFolder()
      let study = try Self.store(folder, "study", ranks: [1])
      let other = try Self.store(folder, "other", ranks: [2])
      let result = try Self.run(
        "\(study) --latency 50us --bandwidth 1gbit --ranks-per-node 2 --price 2 --against \(other) --output \(folder.file("out").path)"
      )
      try #require(result.status == 0, "\(result.text)")
      let text = folder.text(of: "out/report.md")
      #expect(text.contains("A node-hour costs 2.00 USD") && text.contains("a data sheet's: 50.0 µs"))
      #expect(text.contains("3 places that the model was not fitted to"))
    }

    @Test func whatIsTornInTheOtherStudyIsSaid() throws {
      let folder = try TemporaryFolder()
      let study = try Self.store(folder, "study")
      let other = try Self.store(folder, "other", ranks: [3])
      let trials = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(other)/\(StoredStudy.trialsFile)"))
      try trials.seekToEnd()
      try trials.write(contentsOf: Data("{".utf8))
      try trials.close()
      let result = try Self.run("\(study) --against \(other)")
      try #require(result.status == 0, "\(result.text)")
      #expect(result.output.contains("the last line is torn"), "\(result.text)")
    }

    @Test(
      arguments: [
        ("--nodes 0", ["--nodes is '0'", "1 to 4096"]), ("--nodes 4097", ["4096"]),
        ("--nodes 1,x", ["--nodes is '1,x'"]),
        ("--ranks-per-node 0", ["--ranks-per-node is 0"]), ("--price=-1", ["--price is -1"]),
        ("--latency 50us", ["given together"]), ("--elsewhere", ["--elsewhere means nothing"]),
        ("--latency 5 --bandwidth 1gbit", ["--latency is '5'", "50us"]),
        ("--latency 5us --bandwidth fast", ["--bandwidth is 'fast'", "1gbit"]),
        ("--latency 5us --bandwidth 1gbit --network n.json", ["two networks"]),
        ("--fit-ranks 0", ["--fit-ranks is '0'"]),
      ] as [(String, [String])])
    func wrongFlagsAreNamed(flags: String, words: [String]) throws {
      let result = try Self.run("nowhere \(flags)")
      #expect(result.status == 64, "\(result.text)")
      for word in words { #expect(result.errors.contains(word), "\(result.text)") }
    }

    @Test func whatCannotBeProjectedSaysWhatIsMissing() throws {
      let folder = try TemporaryFolder()
      let study = try Self.store(folder, "study")
      expectOneError(try Self.run("\(study) --fit-ranks 3"), ["--fit-ranks", "1, 2, 4"])
      expectOneError(try Self.run("\(study) --output \(study)"), ["holds a study", "--output"])
      expectOneError(try Self.run("\(study) --only variant=x"), ["--only variant=x", "one kind of trials"])
      expectOneError(try Self.run(folder.path), ["holds no study.json"])
      let oneBatch = try Self.store(folder, "one", globalBatch: [64], ranks: [1])
      expectOneError(
        try Self.run("\(oneBatch) --latency 50us --bandwidth 1gbit"),
        ["two batches", "64.0 samples a rank", "axes.globalBatch"])
      let oneRank = try Self.store(folder, "rank", ranks: [1])
      expectOneError(try Self.run(oneRank), ["two rank counts", "--network"])
      expectOneError(
        try Self.run("\(StoredFiles.file("parts").path)"), ["--only KEY=VALUE", "part=batch variant=plain"])
      expectOneError(
        try Self.run("\(StoredFiles.file("parts").path) --only part=calls"), ["no trials of --only part=calls"])
      expectOneError(try Self.run("\(study) --network \(folder.file("none.json").path)"), ["none.json"])
      try "{".write(to: folder.file("torn.json"), atomically: true, encoding: .utf8)
      expectOneError(try Self.run("\(study) --network \(folder.file("torn.json").path)"), ["torn.json"])
    }
  }
}
