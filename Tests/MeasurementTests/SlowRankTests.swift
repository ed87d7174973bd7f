import Measurement
import Testing

/// Made-up accounts: every step computes for about 1 s, waits for input for 0.1 and exchanges for 0.2.
@Suite struct SlowRankTests {
  /// Numbers that look like chance, the same in every run.
  private struct Jitter {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// From -1 to 1, about a normal distribution's middle.
    mutating func next() -> Float {
      (0..<4).reduce(0) { sum, _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return sum + Float(Int(state >> 33) % 2001 - 1000) / 4000
      }
    }
  }

  /// - Parameter change: of what a rank does in a step.
  private func steps(
    ranks: Int = 4, count: Int = 200, jitter: Float = 0.2, seed: UInt64 = 1, stepsPerRow: Int = 1,
    scale: Float = 1, microbatches: [Int]? = nil,
    _ change: (_ rank: Int, _ step: Int, inout StepSeconds) -> Void = { _, _, _ in }
  ) -> RunSteps {
    var chance = Jitter(seed)
    var rows = (0..<ranks).map { rank in
      (0..<count).map { step in
        var seconds = StepSeconds(
          load: 0.1 * scale, forward: 0.4 * scale, backward: (0.6 + jitter * chance.next()) * scale, wire: 0.2 * scale)
        change(rank, step, &seconds)
        return seconds
      }
    }
    for step in 0..<count {
      let last = rows.map { $0[step].untilArrival }.max()!
      for rank in 0..<ranks { rows[rank][step][.wait] = Float(last - rows[rank][step].untilArrival) }
    }
    return RunSteps(
      firstStep: 2, steps: count * stepsPerRow, stepsPerRow: stepsPerRow,
      ranks: rows.enumerated().map { rank, rows in
        RunSteps.Rank(host: "node\(rank / 2)", microbatches: microbatches?[rank] ?? 4, rows: rows)
      })
  }

  @Test(arguments: [2, 3, 4, 16], [0, 0.05, 0.2, 0.5] as [Float]) func evenRanksAreNotBlamed(ranks: Int, jitter: Float)
  {
    for seed in 1...20 {
      for count in [9, 30, 300] {
        let found = SlowRank(in: steps(ranks: ranks, count: count, jitter: jitter, seed: UInt64(seed)))
        #expect(found == nil, "seed \(seed), \(count) steps: \(String(describing: found))")
      }
    }
  }

  /// Hiccups that every rank has now and then.
  @Test(arguments: [2, 4]) func hiccupsOfAllRanksAreNobodys(ranks: Int) {
    let found = SlowRank(
      in: steps(ranks: ranks) { rank, step, seconds in
        if (step + 7 * rank) % 20 == 0 { seconds[.backward] += 5 }
      })
    #expect(found == nil, "\(String(describing: found))")
  }

  @Test(arguments: [2, 4]) func aRankThatIsAlwaysSlowIsChronic(ranks: Int) throws {
    let found = try #require(
      SlowRank(in: steps(ranks: ranks) { rank, _, seconds in if rank == 1 { seconds[.backward] += 0.3 } }))
    #expect(found.rank == 1 && found.host == "node0" && found.pattern == .chronic && found.cause == .compute)
    #expect(abs(found.seconds - 60) < 10 && abs(found.share - 0.19) < 0.03 && found.steps == nil, "\(found)")
  }

  @Test func aRankThatWasSlowOnceIsNamedWithTheStep() throws {
    let found = try #require(
      SlowRank(in: steps { rank, step, seconds in if rank == 3, step == 40 { seconds[.forward] += 50 } }))
    #expect(found.rank == 3 && found.host == "node1" && found.pattern == .once && found.cause == .compute)
    #expect(found.steps == [42, 42] && abs(found.seconds - 50) < 5, "\(found)")
  }

  @Test func aRowOfSeveralStepsNamesThemAll() throws {
    let found = try #require(
      SlowRank(in: steps(stepsPerRow: 8) { rank, row, seconds in if rank == 0, row == 3 { seconds[.update] += 50 } }))
    #expect(found.pattern == .once && found.steps == [26, 33], "\(found)")
  }

  @Test func aRankThatIsSlowNowAndThenIsNamed() throws {
    let found = try #require(
      SlowRank(in: steps { rank, step, seconds in if rank == 2, step % 10 == 0 { seconds[.backward] += 5 } }))
    #expect(found.rank == 2 && found.pattern == .sometimes && found.steps == [2, 192], "\(found)")
  }

  @Test func aRankThatWaitsForInputIsToldFromOneThatComputes() throws {
    let found = try #require(
      SlowRank(in: steps { rank, _, seconds in if rank == 2 { seconds[.load] += 0.5 } }))
    #expect(found.rank == 2 && found.pattern == .chronic && found.cause == .input)
  }

  @Test func aRankWithMoreToDoIsNotCalledSlow() throws {
    let found = try #require(
      SlowRank(
        in: steps(microbatches: [3, 2, 2, 2]) { rank, _, seconds in if rank == 0 { seconds[.backward] += 0.5 } }))
    #expect(found.rank == 0 && found.cause == .share)
  }

  @Test func whatCostsLittleIsNotSaid() {
    let small = steps { rank, _, seconds in if rank == 1 { seconds[.backward] += 0.04 } }
    let short = steps(count: 12, scale: 0.1) { rank, _, seconds in if rank == 1 { seconds[.backward] += 0.03 } }
    let few = steps(count: 7) { rank, _, seconds in if rank == 1 { seconds[.backward] += 1 } }
    for steps in [small, short, few] { #expect(SlowRank(in: steps) == nil) }
    #expect(SlowRank(in: steps(ranks: 1)) == nil)
  }
}
