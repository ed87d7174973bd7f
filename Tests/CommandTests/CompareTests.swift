import Configuration
import Foundation
import Studies
import SyntheticStudies
import Testing
import Training

extension CommandTests {
  @Suite struct Compare {
    private static let files = ["report.html", "report.md", "comparison.csv", "comparison.json"]

    /// A made-up study, as stored.
    private static func store(
      _ folder: TemporaryFolder, _ name: String, globalBatch: [Int] = [64, 256],
      _ change: (inout TrialRecord) -> Void = { _ in }
    ) throws -> String {
      let study = SyntheticStudy.study(globalBatch: globalBatch, scaling: ["none"])
      let path = folder.file(name).path
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      let store = try TrialStore(folder: path, study: study)
      for trial in study.trials {
        var record = SyntheticStudy.record(trial, of: study)
        change(&record)
        try store.append(record)
      }
      return path
    }

    private static func run(_ arguments: String) throws -> Shell.Result {
      try Shell.run("\(Shell.lockstep) report \(arguments)")
    }

    /// Of real runs: nothing is told of so few epochs, and the bits are the same.
    @Test func aStudyRunTwiceIsTheSameToTheBit() throws {
      let folder = try TemporaryFolder()
      for name in ["first", "again"] {
        let study = try Shell.lockstep(ranks: 2, "\(tinyStudy) --output \(folder.file(name).path)")
        try #require(study.status == 0, "\(study.text)")
      }
      let output = folder.file("both").path
      let result = try Self.run("\(folder.file("first").path) \(folder.file("again").path) --output \(output)")
      try #require(result.status == 0, "\(result.text)")
      #expect(result.output.contains("again learns the same as first, to the bit"), "\(result.output)")
      #expect(result.output.contains("again and first are not told apart in time"), "\(result.output)")
      #expect(result.output.contains("\nreport: \(output)/report.html\n"))
      for file in Self.files { #expect(Shell.fileExists(URL(fileURLWithPath: "\(output)/\(file)")), "\(file)") }
      // The studies' own reports stay, and this one may be made again.
      #expect(folder.text(of: "first/report.md").contains("# batch-size"))
      let page = folder.text(of: "both/report.md")
      let again = try Self.run("\(folder.file("first").path) \(folder.file("again").path) --output \(output)")
      #expect(again.status == 0 && folder.text(of: "both/report.md") == page, "\(again.text)")
    }

    @Test func aSlowerStudyIsToldToBe() throws {
      let folder = try TemporaryFolder()
      let fast = try Self.store(folder, "fast")
      let slow = try Self.store(folder, "slow") { record in
        for epoch in record.run.epochs.indices { record.run.epochs[epoch].seconds *= 1.2 + 0.001 * Double(epoch) }
      }
      let result = try Self.run("\(fast) \(slow) --output \(folder.file("both").path)")
      try #require(result.status == 0, "\(result.text)")
      #expect(result.output.contains("slow is slower than fast: an epoch takes on average 1.20"), "\(result.output)")
    }

    @Test func aTornLineIsSaid() throws {
      let folder = try TemporaryFolder()
      let (one, other) = (try Self.store(folder, "one"), try Self.store(folder, "other"))
      let trials = try FileHandle(forWritingTo: URL(fileURLWithPath: "\(other)/\(StoredStudy.trialsFile)"))
      try trials.seekToEnd()
      try trials.write(contentsOf: Data("{".utf8))
      try trials.close()
      let result = try Self.run("\(one) \(other) --output \(folder.file("both").path)")
      #expect(result.status == 0 && result.output.contains("the last line is torn"), "\(result.text)")
    }

    @Test func whatDoesNotCompareIsNamed() throws {
      let folder = try TemporaryFolder()
      let one = try Self.store(folder, "one")
      let data = try Self.store(folder, "data") { $0.run.dataset.trainingSamples = 5000 }
      let output = "--output \(folder.file("both").path)"
      expectOneError(
        try Self.run("\(one) \(data) \(output)"), [data, "does not compare with \(one)", "5000", "same data"])
      let other = try Self.store(folder, "other", globalBatch: [512])
      expectOneError(
        try Self.run("\(one) \(other) \(output)"), [one, "no setting in common", "512", "axes.globalBatch"])
      expectOneError(try Self.run("\(one) \(one)/ \(output)"), ["same folder", "another --output"])
      expectOneError(try Self.run("\(one) \(folder.path) \(output)"), [folder.path, "holds no study.json"])
      #expect(!Shell.fileExists(folder.file("both")))
    }

    @Test func othersResultsAreNotOverwritten() throws {
      let folder = try TemporaryFolder()
      let (one, other) = (try Self.store(folder, "one"), try Self.store(folder, "other"))
      expectOneError(try Self.run("\(one) \(other) --output \(one)"), [one, "holds a study", "--output"])
      try FileManager.default.createDirectory(at: folder.file("page"), withIntermediateDirectories: true)
      try "mine".write(to: folder.file("page/report.html"), atomically: true, encoding: .utf8)
      expectOneError(
        try Self.run("\(one) \(other) --output \(folder.file("page").path)"), ["report of something else", "--output"])
      #expect(folder.text(of: "page/report.html") == "mine")
      let without = try Self.run("\(one) \(other)")
      #expect(without.status == 64 && without.errors.contains("--output"), "\(without.text)")
      let alone = try Self.run("\(one) --output \(folder.file("page").path)")
      #expect(alone.status == 64 && alone.errors.contains("several studies"), "\(alone.text)")
    }
  }
}
