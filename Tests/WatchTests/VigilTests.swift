import Testing
import Watch

@Suite struct VigilTests {
  private static let limit = 30.0

  private func beat(_ rank: Int, idle: Double = 0, isWaiting: Bool = true, _ kind: Message.Kind = .beat) -> Message {
    Message(job: 1, kind: kind, rank: rank, idleSeconds: idle, isWaiting: isWaiting)
  }

  private func idleness(_ seconds: Double, isWaiting: Bool = true) -> Idleness {
    var idleness = Idleness()
    let use = ProcessUse(finishedCalls: 0, isWaiting: isWaiting, cpuSeconds: 0, transfers: 0)
    idleness.look(use, after: 0)
    idleness.look(use, after: seconds)
    return idleness
  }

  private func alarm(_ vigil: Vigil, own: Double = 0, isWaiting: Bool = true) -> Alarm? {
    let watched = vigil.rank == 0 ? 1..<vigil.ranks : 0..<1
    return vigil.alarm(watched: watched, own: idleness(own, isWaiting: isWaiting), limit: Self.limit)
  }

  @Test func silenceIsNoticedAfterTheLimit() {
    var vigil = Vigil(rank: 0, of: 3)
    vigil.hear(beat(1))
    vigil.hear(beat(2))
    vigil.pass(29)
    vigil.hear(beat(2))
    #expect(alarm(vigil, own: 100) == nil)
    vigil.pass(2)
    #expect(alarm(vigil, own: 100) == .silent([1]))
    #expect(alarm(vigil, own: 1) == nil, "this rank gets on: only datagrams are lost")
    #expect(vigil.silentRanks(since: 1) == [1, 2], "neither has been heard in the last second")
    vigil.hear(beat(1))
    #expect(alarm(vigil, own: 100) == nil, "it was only late")
  }

  @Test func whoWasNeverHeardIsNotMissed() {
    var vigil = Vigil(rank: 0, of: 2)
    vigil.pass(1000)
    #expect(alarm(vigil, own: 1000) == nil)
  }

  @Test func whoHasSaidFarewellIsNotMissed() {
    var vigil = Vigil(rank: 0, of: 2)
    vigil.hear(beat(1))
    vigil.hear(beat(1, .farewell))
    vigil.pass(1000)
    #expect(alarm(vigil, own: 1000) == nil)
  }

  @Test func othersWatchTheFirstRankOnly() {
    var vigil = Vigil(rank: 1, of: 3)
    vigil.hear(beat(2, .question))
    vigil.hear(beat(0, .answer))
    vigil.pass(20)
    vigil.hear(beat(0, idle: 100, .answer))
    vigil.pass(20)
    #expect(alarm(vigil, own: 100) == nil)
    vigil.pass(20)
    #expect(alarm(vigil, own: 100) == .silent([0]))
  }

  @Test func whoWasNeverHeardOfIsNotNamedBesideWhoIsGone() {
    var vigil = Vigil(rank: 0, of: 4)
    vigil.hear(beat(1))
    vigil.hear(beat(2))
    vigil.hear(beat(2, .farewell))
    vigil.pass(40)
    #expect(vigil.silentRanks(since: 1) == [1])
  }

  @Test func aJobGoesOnAsLongAsAnybodyWorks() {
    var vigil = Vigil(rank: 0, of: 3)
    vigil.hear(beat(1, idle: 500))
    vigil.hear(beat(2, idle: 1))
    #expect(alarm(vigil, own: 500) == nil)
  }

  @Test func aRankThatDoesNothingIsNamed() {
    var vigil = Vigil(rank: 0, of: 3)
    vigil.hear(beat(1, idle: 31))
    vigil.hear(beat(2, idle: 40, isWaiting: false))
    #expect(alarm(vigil, own: 31) == .idle([2]))
    vigil.hear(beat(2, idle: 40))
    #expect(alarm(vigil, own: 31, isWaiting: false) == .idle([0]))
    #expect(alarm(vigil, own: 31) == .stuck)
    #expect(alarm(vigil, own: 29) == nil)
  }

  @Test func ranksThatAreNoneAreNotHeard() {
    var vigil = Vigil(rank: 0, of: 2)
    vigil.hear(beat(2))
    vigil.hear(beat(0))
    vigil.pass(100)
    #expect(alarm(vigil) == nil)
  }
}
