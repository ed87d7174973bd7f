import Foundation
import Measurement
import Testing
import Training

@Suite struct TraceTests {
  @Test func windowsAreStepsOfTheRun() throws {
    #expect(try TraceWindow(nil, of: 100).steps == 6...15 && TraceWindow(nil, of: 12).steps == 3...12)
    #expect(try TraceWindow(nil, of: 4).steps == 1...4 && TraceWindow("7", of: 7).steps == 7...7)
    #expect(try TraceWindow("10..20", of: 20).steps == 10...20)
  }

  @Test(
    arguments: [
      ("10..20", "the run has 19 steps"), ("0..3", "from 1"), ("5..4", "not after the last"), ("a..b", "two steps"),
      ("1..2..3", "two steps"), ("", "two steps"), ("-1", "from 1"), ("99999999999999999999", "two steps"),
    ])
  func aWindowThatIsNoneIsRefused(text: String, words: String) throws {
    let error = try #require(throws: TraceWindow.Failure.self) { try TraceWindow(text, of: 19) }
    #expect(error.description.hasPrefix("--trace-steps") && error.description.contains(words), "\(error)")
  }

  @Test func aWindowIsBounded() throws {
    #expect(try TraceWindow("1..1000", of: 5000).steps == 1...1000)
    #expect(throws: TraceWindow.Failure.self) { try TraceWindow("1..1001", of: 5000) }
    #expect(throws: TraceWindow.Failure.self) { try TraceWindow("1..\(Int.max)", of: .max) }
  }

  /// A clock that is 1,000 ns behind, and loses 1 ns in 100.
  @Test func clocksThatDriftAreAlignedInBetween() {
    let alignment = ClockAlignment(.init(time: 10_000, offset: 1000), .init(time: 20_000, offset: 1100))
    #expect(alignment.aligned(10_000) == 11_000 && alignment.aligned(15_000) == 16_050)
    #expect(alignment.aligned(20_000) == 21_100 && alignment.aligned(5_000) == 5_950)
    let one = ClockAlignment(.init(time: 7, offset: 3), .init(time: 7, offset: 3))
    #expect(one.aligned(8) == 11)
  }

  @Test func whatOverlapsIsAPairAndWhatContainsComesFirst() throws {
    let folder = try TemporaryFolder()
    let file = try TraceFile(folder.file("trace.json").path)
    try file.begin(TraceNames(layers: ["dense\"1"], bucketBytes: [400, 80]), lost: 2, from: 1_000)
    try file.write(
      rank: 0, host: "a\u{1}b",
      [
        .init(.bucketWait, 0, start: 3_000, end: 4_000, step: 5), .init(.bucket, 0, start: 2_001, end: 4_000, step: 5),
        .init(.bucket, 1, start: 2_500, end: 3_500, step: 5), .init(.forward, 0, start: 1_000, end: 1_500, step: 5),
        .init(.phase, Phase.forward.rawValue, start: 1_000, end: 2_000, step: 5),
        .init(.step, 0, start: 1_000, end: 5_000, step: 5),
      ])
    try file.write(rank: 1, host: "c", [])
    #expect(!FileManager.default.fileExists(atPath: folder.file("trace.json").path), "whole or not at all")
    try file.finish()
    let data = try Data(contentsOf: folder.file("trace.json"))
    let root = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect((root["otherData"] as? [String: Int])?["lostEvents"] == 2)
    let events = try #require(root["traceEvents"] as? [[String: Any]]).filter { $0["ph"] as? String != "M" }
    let said = events.map { "\($0["ph"]!) \($0["name"]!) \(($0["ts"] as! NSNumber).doubleValue)" }
    #expect(
      said == [
        "X step 5 0.0", "X forward 0.0", "X dense\"1 0.0", "b bucket 0 1.001", "b bucket 1 1.5",
        "b wait for bucket 0 2.0", "e bucket 1 2.5", "e wait for bucket 0 3.0", "e bucket 0 3.0",
      ])
  }

  @Test(arguments: ["/nowhere/at/all.json", "/dev/null"]) func whatCannotBeWrittenIsSaidAtOnce(path: String) throws {
    let error = try #require(throws: (any Error).self) { _ = try TraceFile(path) }
    #expect("\(error)".contains(path), "\(error)")
  }

  @Test func aFolderIsNoFile() throws {
    let folder = try TemporaryFolder()
    let error = try #require(throws: (any Error).self) { _ = try TraceFile(folder.url.path) }
    #expect("\(error)".contains("this is a folder"), "\(error)")
  }
}
