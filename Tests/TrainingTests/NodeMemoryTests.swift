import Testing
import Training

@Suite struct NodeMemoryTests {
  private let parts = [
    MemoryPart("state", 1e9, remedy: "forget some"), MemoryPart("nothing", 0),
    MemoryPart("tables", 3e9, remedy: "buy some"), MemoryPart("crumbs", 1e6, remedy: "sweep"),
  ]

  @Test func whatFitsIsNoError() throws {
    try NodeMemory(bytes: 8_002_000_000, ranks: 2, addressSpace: 4_001_000_000).require(parts)
  }

  @Test(arguments: [
    (
      8e9, 2,
      "8.1 GB on each node (2 ranks, each: tables 3.0 GB, state 1.0 GB), which has 8.0 GB: buy some, or forget some, or "
        + "start fewer ranks on a node"
    ),
    (1e9, 1, "4.1 GB on each node (1 rank: tables 3.0 GB, state 1.0 GB), which has 1.0 GB: buy some, or forget some"),
  ])
  func whatDoesNotFitIsNamedLargestFirst(bytes: Double, ranks: Int, words: String) throws {
    let error = try #require(throws: InsufficientMemory.self) {
      try NodeMemory(bytes: bytes, ranks: ranks).require(parts)
    }
    #expect(error.description == "the model needs \(words)")
  }

  @Test func aProcessMayHaveLessThanItsNode() throws {
    let error = try #require(throws: InsufficientMemory.self) {
      try NodeMemory(bytes: 1e12, ranks: 2, addressSpace: 2e9).require(parts)
    }
    #expect(error.description.contains("4.1 GB for each rank"))
    #expect(error.description.contains("(ulimit -v) lets a process have 2.0 GB more: raise it, or buy some"))
  }

  /// A trial on fewer ranks than the job has.
  @Test func onlyTheRanksThatHoldItCount() throws {
    let memory = NodeMemory(bytes: 5e9, ranks: 4)
    try memory.require(parts, jobRanks: 1)
    #expect(throws: InsufficientMemory.self) { try memory.require(parts, jobRanks: 2) }
  }

  @Test func sizesBeyondAnyIntegerAreAnError() throws {
    let parts = [MemoryPart("activations", 1e40, remedy: "set a smaller microBatch")]
    let error = try #require(throws: InsufficientMemory.self) { try NodeMemory(bytes: 1e10, ranks: 2).require(parts) }
    #expect(error.description.contains("set a smaller microBatch"))
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
