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

  /// The node's memory is not the job's where a batch system or a container gives it less.
  @Test(arguments: [
    (
      "0::/slurm/job_7\n",
      ["/sys/fs/cgroup/slurm/job_7/memory.max": "max\n", "/sys/fs/cgroup/slurm/memory.max": "5000\n"], 5000
    ),
    ("0::/\n", ["/sys/fs/cgroup/memory.max": "4000\n"], 4000), ("0::/\n", ["/sys/fs/cgroup/memory.max": "max\n"], nil),
    (
      "5:cpu:/a\n4:memory:/a/b\n0::/\n",
      [
        "/sys/fs/cgroup/memory/a/b/memory.limit_in_bytes": "9223372036854771712\n",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes": "3000\n", "/sys/fs/cgroup/cpu/a/memory.max": "1\n",
      ], 3000
    ),
    ("", [:], nil),
  ])
  func theLeastLimitOfItsGroupsHolds(memberships: String, files: [String: String], bytes: Int?) {
    #expect(MemoryLimit.bytes(memberships: memberships) { files[$0] } == bytes)
  }
}
