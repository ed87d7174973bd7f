import Testing
import Training

@Suite struct NodeMemoryTests {
  private let parts = [
    MemoryPart("tables", 3_000_000_000), MemoryPart("nothing", 0), MemoryPart("state", 1_000_000_000),
  ]

  @Test func whatFitsIsNoError() throws {
    try NodeMemory(bytes: 8_000_000_000, ranks: 2).require(parts, remedy: "")
  }

  @Test(arguments: [
    (7_999_999_999, 2, "8.0 GB on each node (2 ranks, each: tables 3.0 GB, state 1.0 GB), which has 8.0 GB: buy some"),
    (1_000_000_000, 1, "4.0 GB on each node (1 rank: tables 3.0 GB, state 1.0 GB), which has 1.0 GB: buy some"),
  ])
  func whatDoesNotFitIsNamed(bytes: Int, ranks: Int, words: String) throws {
    let error = try #require(throws: InsufficientMemory.self) {
      try NodeMemory(bytes: bytes, ranks: ranks).require(parts, remedy: "buy some")
    }
    #expect(error.description == "the model needs \(words)")
  }
}
