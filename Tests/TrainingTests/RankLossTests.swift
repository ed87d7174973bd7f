import Configuration
import Foundation
import StoredFiles
import Testing
import Training

@Suite("Ranks that died, in a record")
struct RankLossTests {
  private static func record(_ losses: String) throws -> RunRecord {
    let stored = String(decoding: try Data(contentsOf: StoredFiles.file("mlp/run.json")), as: UTF8.self)
    let text = stored.replacing("\n  \"outcome\"", with: "\n  \(losses),\n  \"outcome\"", maxReplacements: 1)
    return try Data(text.utf8).withUnsafeBytes { try RunRecord(ConfigurationNode(json: $0, source: "run.json")) }
  }

  @Test("What is written is read") func roundTrip() throws {
    let record = try Self.record(
      #""losses": [{"updates": 40, "ranks": [0, 2], "hosts": ["a", "b"], "left": 2, "seconds": 0.25}]"#)
    #expect(record.losses == [RankLoss(updates: 40, ranks: [0, 2], hosts: ["a", "b"], left: 2, seconds: 0.25)])
    let again = try RecordFile.encoder(pretty: true).encode(record)
    let read = try again.withUnsafeBytes { try RunRecord(ConfigurationNode(json: $0, source: "run.json")) }
    #expect(read.losses == record.losses)
  }

  @Test(
    "What cannot be is named",
    arguments: [
      (
        #""losses": [{"updates": 40, "ranks": [0, 2], "hosts": ["a"], "left": 2, "seconds": 0.25}]"#,
        "1 hosts of 2 ranks"
      ),
      (
        #""losses": [{"updates": 40, "ranks": [-1], "hosts": ["a"], "left": 2, "seconds": 0.25}]"#, "losses[0].ranks[0]"
      ),
      (#""losses": [{"updates": 40, "ranks": [1], "hosts": ["a"], "left": 0, "seconds": 0.25}]"#, "losses[0].left"),
      (#""losses": [{"updates": 40, "ranks": [1], "hosts": ["a"], "left": 1, "seconds": -1}]"#, "losses[0].seconds"),
    ])
  func wrong(losses: String, words: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try Self.record(losses) }
    #expect("\(try #require(error))".contains(words), "\(String(describing: error))")
  }
}
