import Statistics
import Testing

@Suite("Universal scalability law")
struct ScalabilityFitTests {
  private func law(_ contention: Double, _ coherency: Double, _ counts: [Double]) -> [(count: Double, speedUp: Double)]
  {
    counts.map { ($0, $0 / (1 + contention * ($0 - 1) + coherency * $0 * ($0 - 1))) }
  }

  @Test("A law without noise is found again, with its peak")
  func exact() throws {
    let fit = try #require(ScalabilityFit(law(0.05, 0.001, [1, 2, 3, 4, 8, 16, 32])))
    #expect(abs(fit.contention - 0.05) < 1e-9 && abs(fit.coherency - 0.001) < 1e-9 && fit.largestMiss < 1e-9)
    #expect(abs(try #require(fit.peak) - (0.95 / 0.001).squareRoot()) < 1e-6)
    #expect(abs(fit(16) - 16 / (1 + 0.05 * 15 + 0.001 * 240)) < 1e-9)
  }

  @Test("Noise of one percent moves neither by much, and is the largest miss")
  func noise() throws {
    let noisy = law(0.05, 0.001, [1, 2, 3, 4, 8, 16, 32]).enumerated().map {
      ($1.count, $1.count == 1 ? 1 : $1.speedUp * ($0 % 2 == 0 ? 1.01 : 0.99))
    }
    let fit = try #require(ScalabilityFit(noisy))
    #expect(abs(fit.contention - 0.05) < 0.01 && abs(fit.coherency - 0.001) < 3e-4)
    #expect(0.005..<0.03 ~= fit.largestMiss)
  }

  @Test("Speed-ups above the ideal are no negative contention, and have no peak")
  func superlinear() throws {
    let fit = try #require(ScalabilityFit([1, 2, 4, 8, 16, 32].map { ($0, $0 * ($0 == 1 ? 1 : 1.05)) }))
    #expect(fit.contention == 0 && fit.coherency == 0 && fit.peak == nil)
    #expect(abs(fit.largestMiss - 0.05) < 1e-12)
  }

  @Test("Five points, none at 1, or figures that are no numbers: no fit")
  func none() {
    #expect(ScalabilityFit(law(0.1, 0.01, [1, 2, 4, 8, 16])) == nil)
    #expect(ScalabilityFit(law(0.1, 0.01, [2, 4, 8, 16, 32, 64])) == nil)
    for wrong in [0, -1, Double.nan, .infinity] {
      #expect(ScalabilityFit(law(0.1, 0.01, [1, 2, 4, 8, 16]) + [(32, wrong)]) == nil)
    }
  }
}
