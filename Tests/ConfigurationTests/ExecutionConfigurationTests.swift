import Configuration
import Foundation
import Testing

@Suite struct ExecutionConfigurationTests {
  let folder = ScratchFolder()

  func load(_ overrides: [String]) throws -> RunConfiguration {
    try RunConfiguration.load(file: folder.write("run.yaml", shortRun), overrides: overrides)
  }

  @Test func sharesAreEvenUnlessAskedFor() throws {
    let plain = try load([])
    #expect(try plain.execution.balance == nil && load(["execution.balance=even"]) == plain)
    #expect(try !String(decoding: JSONEncoder().encode(plain), as: UTF8.self).contains("balance"))
    let run = try load(["execution.balance=measured"])
    #expect(try run.execution.balance == .measured && stored(run) == run)
  }

  @Test func arenasAreEachRanksOwnUnlessAskedFor() throws {
    let plain = try load([])
    #expect(try plain.execution.arenas == nil && load(["execution.arenas=private"]) == plain)
    #expect(try !String(decoding: JSONEncoder().encode(plain), as: UTF8.self).contains("arenas"))
    let run = try load(["execution.arenas=shared"])
    #expect(try run.execution.arenas == .shared && stored(run) == run)
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
