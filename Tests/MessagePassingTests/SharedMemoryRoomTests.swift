import MessagePassing
import Testing

@Suite struct SharedMemoryRoomTests {
  private func warning(mebibytes: Double, ranks: Int) -> String? {
    SharedMemoryRoom(bytes: mebibytes * 1_048_576, ranks: ranks).warning
  }

  @Test(arguments: [(64, 2), (64, 15), (4, 1), (0, 1), (16_384, 128)])
  func enoughIsNotMentioned(mebibytes: Double, ranks: Int) {
    #expect(warning(mebibytes: mebibytes, ranks: ranks) == nil)
  }

  @Test func tooLittleHasARemedy() throws {
    let words = try #require(warning(mebibytes: 64, ranks: 16))
    #expect(words.hasPrefix("/dev/shm holds 64 MiB on this host, and Open MPI wants 68 MiB for its 16 ranks"))
    #expect(words.contains("--shm-size"))
    #expect(warning(mebibytes: 4, ranks: 2) != nil)
  }
}
