import MessagePassing
import Testing
import Watch

@Suite struct RollTests {
  private func card(_ host: String, port: UInt16 = 1, executable: String = "abc") -> RankCard {
    let interfaces = [NetworkInterface(name: "eth0", address: 0x0100_4d0a), NetworkInterface(name: "ib0", address: 7)]
    return RankCard(
      member: Member(place: HostPlace(name: host, network: "402", interfaces: interfaces), port: port),
      executable: executable)
  }

  @Test func comesBackFromItsText() throws {
    let roll = Roll(job: 7, cards: [card("node0"), card("node0", port: 2), card("node1", port: 65535)])
    #expect(Roll(text: roll.text) == roll)
    #expect(roll.text.split(separator: "\n").count == 1 + 2 + 1 + 3, "each host once")
  }

  @Test(arguments: ["", "1", "1\nranks\n0 1", "x\nranks", "1\n5\ta\tb\tc\nranks\n0"])
  func whatIsNoneIsRefused(text: String) { #expect(Roll(text: text) == nil) }

  @Test func aCardFitsItsPlace() {
    var crowded = card("node0")
    crowded.member.place.interfaces = (0..<200).map { NetworkInterface(name: "veth\($0)", address: .max) }
    #expect(crowded.text.utf8.count <= 1024)
    #expect(RankCard(text: crowded.text)?.member.place.name == "node0")
  }

  @Test func anotherProgramIsNamed() throws {
    #expect(Roll(job: 1, cards: [card("node0"), card("node1")]).strangerWords == nil)
    let stranger = try #require(Roll(job: 1, cards: [card("node0"), card("node1", executable: "def")]).strangerWords)
    #expect(stranger.rank == 1)
    #expect(
      stranger.words.hasPrefix(
        "rank 1 on node1 runs another program than rank 0 on node0 (hash def against abc): start the same build"))
  }
}
