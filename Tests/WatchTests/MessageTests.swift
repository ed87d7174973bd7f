import Testing
import Watch

@Suite struct MessageTests {
  @Test func comesBackFromItsBytes() {
    let message = Message(job: 0x0123_4567_89ab_cdef, kind: .question, rank: 70_000, idleSeconds: 12.5, isWaiting: true)
    #expect(message.bytes.count == Message.size)
    #expect(Message(bytes: message.bytes) == message)
    #expect(Array(message.bytes[0..<2]) == [0xef, 0xcd], "little-endian")
  }

  @Test func bringsWhereTheSenderIs() {
    let place = CallPlace(
      update: 40, call: 1 << 40, isCollective: false, bytes: 4096, operation: "MPI_Ireduce_scatter_block")
    let message = Message(job: 1, kind: .beat, rank: 1, place: place, process: 4_000_000)
    #expect(message.bytes.count == Message.size && Message(bytes: message.bytes) == message)
    #expect(Message(bytes: message.bytes[0..<53] + [27] + message.bytes[54...])?.place == nil, "no terminal's commands")
  }

  @Test func namesWhomARemovalIsAbout() {
    let message = Message(job: 1, kind: .removal, rank: 2, missed: .init(rank: 70_000, process: 4_000_000))
    #expect(message.bytes.count == Message.size && Message(bytes: message.bytes) == message)
  }

  @Test func whatNoWatchdogWroteIsRefused() {
    let bytes = Message(job: 1, kind: .beat, rank: 1).bytes
    #expect(Message(bytes: bytes + [0]) == nil)
    #expect(Message(bytes: bytes.dropLast()) == nil)
    #expect(Message(bytes: bytes[0..<16] + [99] + bytes[17...]) == nil)
    #expect(Message(bytes: bytes[0..<17] + [2] + bytes[18...]) == nil)
    #expect(Message(bytes: bytes[0..<18] + [2] + bytes[19...]) == nil)
    #expect(Message(bytes: bytes[0..<19] + [2] + bytes[20...]) == nil)
  }

  @Test func endlessIdlenessFits() {
    #expect(Message(bytes: Message(job: 1, kind: .beat, rank: 1, idleSeconds: 1e300).bytes) != nil)
  }
}
