import Configuration
import Foundation
import Measurement
import StoredFiles
import Testing
import Training

@Suite("Moments and energy in a record")
struct MomentsTests {
  private static let stored: String = String(
    decoding: try! Data(contentsOf: StoredFiles.file("mlp/run.json")), as: UTF8.self)

  private static func record(run: String? = nil, epoch: String? = nil) throws -> RunRecord {
    var text = stored
    if let run { text = text.replacing("\n  \"outcome\"", with: "\n  \(run),\n  \"outcome\"", maxReplacements: 1) }
    if let epoch { text = text.replacing("\"epoch\" : 1,", with: "\"epoch\" : 1, \(epoch),", maxReplacements: 1) }
    return try Data(text.utf8).withUnsafeBytes { try RunRecord(ConfigurationNode(json: $0, source: "run.json")) }
  }

  @Test("Records from before they were noted have none, and are written as they were")
  func old() throws {
    let record = try Self.record()
    #expect(record.moments == nil && record.epochs.allSatisfy { $0.moments == nil && $0.energy == nil })
    let again = String(decoding: try RecordFile.encoder(pretty: true).encode(record), as: UTF8.self)
    for key in ["moments", "energy"] { #expect(!again.contains("\"\(key)\"")) }
  }

  @Test("What is written is read") func roundTrip() throws {
    let record = try Self.record(
      run: #""moments": {"prepared": 1.5, "began": 2.25, "ended": 9}"#,
      epoch: #""moments": {"began": 3, "trained": 4.125, "ended": 4.125}, "energy": {"processors": 12.5, "memory": 1}"#)
    #expect(record.moments == RunMoments(prepared: 1.5, began: 2.25, ended: 9))
    #expect(record.epochs[0].moments == EpochMoments(began: 3, trained: 4.125, ended: 4.125))
    #expect(record.epochs[0].energy == Energy(processors: 12.5, memory: 1))
    let again = try RecordFile.encoder(pretty: true).encode(record)
    let read = try again.withUnsafeBytes { try RunRecord(ConfigurationNode(json: $0, source: "run.json")) }
    #expect(read.moments == record.moments && read.epochs[0].moments == record.epochs[0].moments)
    #expect(read.epochs[0].energy == record.epochs[0].energy && read.epochs[1].energy == nil)
  }

  @Test(
    "What cannot be is named",
    arguments: [
      (#""moments": {"prepared": 3, "began": 2, "ended": 9}"#, "prepared to began to ended"),
      (#""moments": {"prepared": 1, "began": 2}"#, "moments.ended"),
      (#""moments": {"prepared": -1, "began": 2, "ended": 3}"#, "moments.prepared"),
    ])
  func wrong(moments: String, words: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try Self.record(run: moments) }
    #expect("\(try #require(error))".contains(words), "\(String(describing: error))")
  }

  @Test(
    "What cannot be of an epoch is named",
    arguments: [
      (#""moments": {"began": 3, "trained": 2, "ended": 4}"#, "began to trained to ended"),
      (#""energy": {"memory": 1}"#, "energy.processors"), (#""energy": {"processors": -1}"#, "energy.processors"),
      (#""energy": {"processors": 1, "sun": 1}"#, "sun"),
    ])
  func wrongEpoch(epoch: String, words: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try Self.record(epoch: epoch) }
    #expect("\(try #require(error))".contains(words), "\(String(describing: error))")
  }
}
