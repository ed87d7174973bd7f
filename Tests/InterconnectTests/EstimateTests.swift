import Interconnect
import Testing

@Suite("What a network model tells")
struct EstimateTests {
  private let model = NetworkModel.example

  @Test func whatWasMeasuredIsTold() throws {
    let estimate = try model.seconds(of: .allReduce, bytes: 1024, ranks: 2, nodes: 2)
    #expect(estimate == NetworkEstimate(seconds: 1.02e-4, low: 1e-4, high: 1.1e-4, basis: .measured))
  }

  @Test func anotherSizeComesFromItsRegime() throws {
    let small = try model.seconds(of: .allReduce, bytes: 2048, ranks: 2, nodes: 2)
    #expect(abs(small.seconds - (1e-4 + 2048e-9)) < 1e-12)
    #expect(small.basis == .interpolated)
    let large = try model.seconds(of: .allReduce, bytes: 1 << 20, ranks: 2, nodes: 2)
    #expect(abs(large.seconds - (2 * 2e-4 + Double(1 << 20) * (1e-9 + 0.5e-10))) < 1e-9)
    #expect(try model.seconds(of: .allReduce, bytes: 1 << 22, ranks: 2, nodes: 2).basis == .extrapolated)
  }

  @Test("Between measured numbers of ranks lies what both tell")
  func ranksBetween() throws {
    let three = try model.seconds(of: .allReduce, bytes: 1 << 20, ranks: 3, nodes: 3)
    let ring = 4 * 2e-4 + Double(1 << 20) * (4.0 / 3 * 1e-9 + 2.0 / 3 * 1e-10)
    #expect(abs(three.seconds / ring - 1) < 1e-9)
    #expect(three.basis == .extrapolated)
  }

  @Test("Intervals grow with ranks and with sizes beyond what was measured")
  func growth() throws {
    func width(_ bytes: Int, _ ranks: Int) throws -> Double {
      let estimate = try model.seconds(of: .allReduce, bytes: bytes, ranks: ranks, nodes: ranks)
      #expect(estimate.low < estimate.seconds && estimate.seconds < estimate.high)
      return estimate.high / estimate.low
    }
    let byRanks = try [8, 64, 4096].map { try width(1 << 20, $0) }
    #expect(byRanks == byRanks.sorted() && byRanks[0] < byRanks[2])
    let bySize = try [1 << 20, 1 << 22, 1 << 28].map { try width($0, 4) }
    #expect(bySize == bySize.sorted() && bySize[0] < bySize[2])
  }

  @Test("Where several schedules explain what was measured, the interval holds all of them")
  func alternatives() throws {
    let four = try model.seconds(of: .allReduce, bytes: 1 << 20, ranks: 4, nodes: 1)
    let halving = 4e-6 + Double(1 << 20) * (1.5 * 1e-10 + 0.75e-10)
    // On two ranks, doubling in one round would have taken twice the latency and as many bytes.
    let doubling = 4e-6 + Double(1 << 20) * (2 * 1e-10 + 2 * 0.5e-10)
    #expect(abs(four.seconds / halving - 1) < 1e-9)
    #expect(four.high > doubling)
  }

  @Test("Ranks of a node first, then nodes")
  func levels() throws {
    let within = try model.seconds(of: .allReduce, bytes: 1 << 20, ranks: 2, nodes: 1)
    let between = try model.seconds(of: .allReduce, bytes: 1 << 20, ranks: 4, nodes: 4)
    let both = try model.seconds(of: .allReduce, bytes: 1 << 20, ranks: 8, nodes: 4)
    #expect(both.seconds == within.seconds + between.seconds)
    #expect(both.basis == .extrapolated)
  }

  @Test("What was measured over both levels corrects their sum elsewhere")
  func composition() throws {
    let plain = try model.seconds(of: .allReduce, bytes: 1 << 20, ranks: 16, nodes: 4)
    var measured = model
    var fit = try #require(model.fits.first { $0.nodes == 4 })
    fit.ranks = 8
    measured.fits.append(fit)
    let levels = try model.seconds(of: .allReduce, bytes: 1 << 20, ranks: 8, nodes: 4).seconds
    let factor = fit.seconds(bytes: 1 << 20) / levels
    let corrected = try measured.seconds(of: .allReduce, bytes: 1 << 20, ranks: 16, nodes: 4)
    #expect(abs(corrected.seconds / (plain.seconds * factor) - 1) < 1e-9)
    #expect(corrected.basis == .extrapolated)
    #expect(try measured.seconds(of: .allReduce, bytes: 1 << 20, ranks: 8, nodes: 4).basis == .interpolated)
  }

  @Test func oneRankTakesNothing() throws {
    #expect(try model.seconds(of: .allReduce, bytes: 1 << 20, ranks: 1, nodes: 1).seconds == 0)
  }

  @Test func whatWasNotMeasuredIsAnError() throws {
    let error = #expect(throws: NetworkError.self) { try model.seconds(of: .allToAll, bytes: 8, ranks: 2, nodes: 2) }
    #expect(
      error?.description
        == "the network model has no all-to-all of several hosts: measure it there with lockstep network")
  }

  @Test("A data sheet's bandwidth is a bound, and its ring moves 2(P − 1)/P of the bytes")
  func dataSheet() throws {
    let model = NetworkModel(dataSheet: 1e-5, bandwidthBytesPerSecond: 1e9)
    let estimate = try model.seconds(of: .allReduce, bytes: 1 << 26, ranks: 4, nodes: 4)
    #expect(estimate.basis == .dataSheet)
    #expect(estimate.low == estimate.seconds && estimate.high == 2 * estimate.seconds)
    let bytes = Double(1 << 26)
    #expect(abs(estimate.seconds - (4e-5 + bytes * (1.5e-9 + 0.75 * 0.2e-9))) < 1e-9)
  }

  @Test("All ranks of a node send different blocks over its link")
  func allToAllSharesTheLink() throws {
    let model = NetworkModel(dataSheet: 0, bandwidthBytesPerSecond: 1e9)
    let two = try model.seconds(of: .allToAll, bytes: 1 << 20, ranks: 2, nodes: 2)
    let eight = try model.seconds(of: .allToAll, bytes: 1 << 20, ranks: 8, nodes: 2)
    #expect(eight.seconds > 4 * two.seconds)
  }
}
