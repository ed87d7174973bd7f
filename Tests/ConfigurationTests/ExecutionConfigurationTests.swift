import Configuration
import Foundation
import Testing

@Suite struct ExecutionConfigurationTests {
  let folder = ScratchFolder()

  func load(_ overrides: [String]) throws -> RunConfiguration {
    try RunConfiguration.load(file: folder.write("run.yaml", shortRun), overrides: overrides)
  }

  /// Absent from records unless asked for: these have their fingerprints.
  @Test(arguments: [("balance", "even", "measured"), ("arenas", "private", "shared")])
  func isUsualUnlessAskedFor(key: String, usual: String, other: String) throws {
    func json(_ run: RunConfiguration) throws -> String {
      String(decoding: try JSONEncoder().encode(run), as: UTF8.self)
    }
    let plain = try load([])
    #expect(try !json(plain).contains(key) && load(["execution.\(key)=\(usual)"]) == plain)
    let run = try load(["execution.\(key)=\(other)"])
    #expect(try json(run).contains("\"\(key)\":\"\(other)\"") && stored(run) == run && run != plain)
  }

  @Test(arguments: [
    (["execution.balance=fair"], "execution.balance is 'fair'"),
    (["execution.arenas=both"], "execution.arenas is 'both'"),
    (
      ["execution.balance=measured", "workers={count: 2, combine: adasum}"],
      "which 'workers' has in an order of its own"
    ),
    (["execution.balance=measured", "contrastive={}"], "which 'contrastive' has in an order of its own"),
  ])
  func whatCannotBeIsRefused(overrides: [String], message: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try load(overrides) }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }
}
