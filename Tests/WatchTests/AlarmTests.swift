import Testing
import Watch

@Suite struct AlarmTests {
  private func members(_ hosts: [String]) -> [Member] {
    hosts.map { Member(place: HostPlace(name: $0, network: "1", interfaces: []), port: 1) }
  }

  @Test func namesRanksHostsAndTheRemedy() {
    let two = members(["node0", "node1"])
    #expect(
      Alarm.silent([1]).words(after: 30, two)
        == "rank 1 on node1 has not answered for 30 s, and the job cannot go on without: the process is stopped, or its host is "
        + "down or cut off from the network; if it is only slow (swapping, a debugger), allow more seconds with "
        + "execution.timeout or LOCKSTEP_TIMEOUT")
    #expect(Alarm.idle([0]).words(after: 300, two).hasPrefix("rank 0 on node0 has done nothing for 300 s"))
    #expect(Alarm.stuck.words(after: 300, two).contains("LOCKSTEP_SUBNET"))
  }

  @Test func saysWhomTheOthersGoOnWithout() {
    let three = members(["a", "b", "b"])
    #expect(
      Alarm.silent([1]).removalWords(after: 30, three)
        == "rank 1 on b has not got on for 30 s: it is ended, and the others go on without")
    #expect(
      Alarm.idle([1, 2]).removalWords(after: 30, three)
        == "ranks 1 and 2 on b have not got on for 30 s: they are ended, and the others go on without")
  }

  @Test func saysWhereTheRanksWere() {
    func place(_ call: Int, _ operation: String) -> CallPlace {
      CallPlace(update: 40, call: call, bytes: 4096, operation: operation)
    }
    let four = members(["a", "a", "b", "b"])
    let late = Alarm.silent([3]).words(
      after: 30, four,
      [
        0: place(512, "MPI_Allreduce"), 1: place(512, "MPI_Allreduce"), 2: place(512, "MPI_Allreduce"),
        3: place(511, "MPI_Bcast"),
      ])
    #expect(
      late.hasSuffix(
        "LOCKSTEP_TIMEOUT. Last seen: rank 3 in MPI_Bcast of 4096 bytes, its collective call 511, update 40; ranks 0 to 2 in "
          + "MPI_Allreduce of 4096 bytes, its collective call 512, update 40"))
    // One is a call further; another sends between two of them.
    let between = CallPlace(update: 40, call: 512, isCollective: false, bytes: 0, operation: "MPI_Send")
    let sound = Alarm.stuck.words(
      after: 30, four, [0: place(513, "MPI_Bcast"), 1: place(512, "MPI_Allreduce"), 2: between])
    #expect(sound.contains("rank 2 in MPI_Send, after its collective call 512, update 40"))
    #expect(!sound.contains("not the calls of one program"))
    let mixed = Alarm.stuck.words(after: 30, four, [0: place(512, "MPI_Allreduce"), 1: place(512, "MPI_Bcast")])
    #expect(mixed.contains("not the calls of one program"))
    #expect(
      Alarm.stuck.words(after: 30, four, [0: place(512, "MPI_Allreduce")]).hasSuffix("LOCKSTEP_TIMEOUT"),
      "one is no comparison")
  }

  @Test(arguments: [
    ([1, 2, 3], "ranks 1 to 3 on b have"), ([0, 1, 3], "rank 0 on a, ranks 1 and 3 on b have"),
    ([3, 4], "rank 3 on b, rank 4 on c have"),
  ])
  func ranksOfAHostStandTogether(ranks: [Int], words: String) {
    #expect(Alarm.silent(ranks).words(after: 1, members(["a", "b", "b", "b", "c"])).hasPrefix(words))
  }

  @Test func ofManyHostsAFewAreNamed() {
    let many = members((0..<100).map { "node\($0)" })
    #expect(Alarm.silent(Array(1..<100)).words(after: 1, many).contains("rank 8 on node8, those of 91 more hosts have"))
  }
}
