import Statistics
import Testing

@Suite("Statistics of few, odd or no values")
struct StatisticsTests {
  @Test("Too little tells nothing")
  func tooLittle() {
    #expect(Estimate([]) == nil && Estimate([1])?.interval() == nil && Estimate([1])?.standardError == nil)
    #expect([1, 2, 3, 4, 5].medianInterval() == nil && [1, 2, 3, 4, 5, 6].medianInterval(level: 0.999) == nil)
    #expect(WelchTest([1], [1, 2]) == nil && WelchTest([1, 1], [2, 2]) == nil)
    #expect(RankTest.mannWhitney([], [1]) == nil && RankTest.mannWhitney([.nan], [1]) == nil)
    #expect(RankTest.wilcoxon([0, 0]) == nil && RankTest.wilcoxon([.nan]) == nil)
    #expect(Correlation.pearson([1], [1]) == nil && Correlation.pearson([1, 2], [3, 3]) == nil)
    #expect(Correlation.pearson([1, 2], [1, .infinity]) == nil)
    #expect(Correlation.pearson([1, 2], [1, 3])?.pValue == nil)
    #expect(Bootstrap(seed: 1).interval(of: [1]) { $0[0] } == nil)
    #expect(LinearFit(x: [1, 2], y: [1, 2], weights: [1, 0]) == nil)
    #expect(OriginFit([1, 2], [2, 4], y: [1, 2]) == nil && OriginFit.single([0, 0], y: [1, 2]) == nil)
  }

  @Test("Quantiles end at the least and the largest value, and infinities do not spread")
  func quantiles() {
    #expect([3, 1, 2].quantile(0) == 1 && [3, 1, 2].quantile(1) == 3 && [3, 1, 2].quantile(0.75) == 2.5)
    #expect([7].quantile(0.3) == 7)
    #expect([1, 2, .infinity].quantile(0.5) == 2)
    #expect([3, 1, 2].median == 2 && [4, 1].median == 2.5 && [Double]().median == nil)
    #expect(Spread([4, 1, 3, 2]) == Spread(minimum: 1, median: 2.5, maximum: 4))
  }

  @Test("Equal values share the mean of their places")
  func ranks() {
    #expect([10, 20, 20, 5].ranks == [2, 3.5, 3.5, 1])
    #expect([2, 2, 2].ranks == [2, 2, 2] && [Double]().ranks == [])
  }

  @Test("Samples that are all alike differ by chance alone")
  func noDifference() {
    #expect(RankTest.mannWhitney([1, 1], [1, 1])?.pValue == 1)
    #expect(RankTest.wilcoxon([1, -1])?.pValue == 1)
    let many = [Double](repeating: 1, count: 30)
    let test = RankTest.mannWhitney(many, many)
    #expect(test?.statistic == 450 && test?.pValue == 1 && test?.isExact == false)
  }

  @Test("A line through all points is sure of itself, and so is a perfect correlation")
  func exact() throws {
    let rising = try #require(Correlation.pearson([1, 2, 3, 4], [2, 4, 6, 8]))
    #expect(abs(rising.coefficient - 1) < 1e-15 && rising.count == 4)
    #expect(try #require(rising.pValue) < 1e-12)
    let falling = try #require(Correlation.spearman([1, 2, 3, 4], [8, 4, 3, -100]))
    #expect(abs(falling.coefficient + 1) < 1e-15)
    let plane = try #require(OriginFit([1, 0, 2], [0, 1, 3], y: [5, 7, 31]))
    #expect(plane.first == 5 && plane.second == 7)
    #expect(OriginFit.single([1, 2], y: [3, 6]) == 3)
  }

  @Test("What does not grow, as a share of a line, where it can be told")
  func interceptShare() throws {
    let line = try #require(LinearFit(x: [0, 10], y: [1, 2]))
    #expect(line.interceptShare(at: 10) == 0.5 && line.interceptShare(at: 0) == 1)
    #expect(try #require(LinearFit(x: [0, 10], y: [-1, 2])).interceptShare(at: 10) == nil)
    #expect(try #require(LinearFit(x: [0, 10], y: [2, 1])).interceptShare(at: 10) == nil)
  }

  @Test("The same seed draws the same interval, another one another; a constant has none to draw")
  func bootstrapSeed() throws {
    let sample = [1.0, 2, 4, 8, 16]
    func interval(_ seed: UInt64) -> Interval? {
      Bootstrap(seed: seed, resamples: 500).interval(of: sample) { $0.reduce(0, +) }
    }
    #expect(interval(1) == interval(1) && interval(1) != interval(2))
    let constant = Bootstrap(seed: 1, resamples: 10).interval(of: [3, 3, 3], level: 0.9) { $0.max() ?? 0 }
    #expect(constant == Interval(lower: 3, upper: 3, level: 0.9))
    #expect(Bootstrap(seed: 1).interval(of: [1, 2]) { _ in .nan } == nil)
  }

  @Test("Standard errors of an accuracy and of an area under the curve")
  func qualityErrors() {
    #expect(abs(QualityErrors.ofShare(0.9, samples: 10_000) - 0.003) < 1e-15)
    // Pairs of one sample each: the area is a coin with this chance.
    #expect(abs(QualityErrors.ofAreaUnderCurve(0.8, samples: 2, positives: 0.5) - 0.4) < 1e-15)
    #expect(QualityErrors.ofAreaUnderCurve(1, samples: 100, positives: 0.5) == 0)
  }
}
