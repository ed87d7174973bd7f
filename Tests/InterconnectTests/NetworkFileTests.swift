import Configuration
import Files
import Foundation
import Interconnect
import StoredFiles
import Testing

@Suite("network.json")
struct NetworkFileTests {
  @Test func isReadAsWritten() throws {
    try withFile { file in
      for model in [NetworkModel.example, NetworkModel(dataSheet: 1e-5, bandwidthBytesPerSecond: 1.25e9)] {
        try model.write(to: file)
        #expect(try NetworkModel.read(file) == model)
      }
    }
  }

  @Test("What an earlier version wrote is read and tells times")
  func storedModel() throws {
    let model = try NetworkModel.read(StoredFiles.file("network/network.json").path)
    #expect(model.facts?.hosts.map(\.ranks) == [2, 2] && model.fits.count == 6)
    let estimate = try model.seconds(of: .allReduce, bytes: 1 << 20, ranks: 8, nodes: 4)
    #expect(estimate.low < estimate.seconds && estimate.seconds < estimate.high)
  }

  /// A change to the text of the file, and what the error then says.
  @Test(arguments: [
    ("\"format\" : \"lockstep network model\"", "\"format\" : \"a poem\"", "format is 'a poem'"),
    ("\"version\" : 1", "\"version\" : 2", "version 2, and this Lockstep knows 1"),
    ("\"collective\" : \"allReduce\"", "\"collective\" : \"allReduse\"", "did you mean 'allReduce'?"),
    ("\"secondsPerByte\" : 1e-09", "\"secondsPerByte\" : -1", "secondsPerByte is -1"),
    ("\"ring\"", "\"star\"", "schedules[0] is 'star'"),
    ("\"repetitions\" : 3", "\"repetition\" : 3", "unknown key 'repetition' (did you mean 'repetitions'?)"),
    ("\"ranks\" : 2", "\"ranks\" : 0", "ranks is 0, but must be at least 2"),
    ("\"fromBytes\" : 65536", "\"fromBytes\" : 0", "fromBytes must begin with 0 and rise"),
  ])
  func damageIsNamed(_ old: String, _ new: String, _ words: String) throws {
    try withFile { file in
      let text = String(decoding: try NetworkModel.example.data(), as: UTF8.self)
      let range = try #require(text.range(of: old), "no \(old) in \(text)")
      try AtomicFile.write(Data(text.replacingCharacters(in: range, with: new).utf8), to: file)
      let error = #expect(throws: ConfigurationError.self) { try NetworkModel.read(file) }
      let description = try #require(error?.description)
      #expect(description.contains(words) && description.contains(file), "\(description)")
      #expect(description.contains("measure again with lockstep network"), "\(description)")
    }
  }

  @Test func absenceIsNamed() {
    let error = #expect(throws: ConfigurationError.self) { try NetworkModel.read("/nowhere/network.json") }
    #expect(error?.description == "/nowhere/network.json: cannot be read; lockstep network writes such a file")
  }

  private func withFile(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try body(folder.appendingPathComponent("network.json").path)
  }
}
