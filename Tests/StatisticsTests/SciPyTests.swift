import Foundation
import Statistics
import Testing

@Suite("Statistics beside SciPy's")
struct SciPyTests {
  private let values: SciPyValues

  init() throws { values = try SciPyValues.load() }

  @Test("Means, standard deviations and Student's intervals")
  func estimates() throws {
    for (name, expected) in values.estimates {
      let estimate = try #require(Estimate(try values.sample(name)))
      #expect(isClose(estimate.mean, expected.mean), "\(name)")
      #expect(isClose(try #require(estimate.standardDeviation), expected.standardDeviation), "\(name)")
      #expect(isClose(try #require(estimate.standardError), expected.standardError), "\(name)")
      for (level, ends) in [(0.95, expected.interval95), (0.99, expected.interval99)] {
        let interval = try #require(estimate.interval(level: level))
        #expect(isClose(interval.lower, ends[0]) && isClose(interval.upper, ends[1]), "\(name)")
        #expect(interval.level == level && interval.contains(estimate.mean))
      }
    }
  }

  @Test("Quantiles, medians' intervals and geometric means")
  func quantiles() throws {
    for (name, expected) in values.quantiles {
      let sample = try values.sample(name)
      for (part, value) in expected { #expect(isClose(sample.quantile(try #require(Double(part))), value), "\(name)") }
      #expect(Spread(sample).median == sample.quantile(0.5))
    }
    for (name, expected) in values.geometricMeans { #expect(isClose(try values.sample(name).geometricMean, expected)) }
    for (count, ranks) in values.medianRanks {
      let sample = (1...(try #require(Int(count)))).map(Double.init)
      let interval = try #require(sample.reversed().medianInterval())
      #expect(interval.lower == Double(ranks[0]) && interval.upper == Double(ranks[1]), "\(count)")
    }
  }

  @Test("Lines by ordinary, weighted and relative least squares, and power laws, with their errors")
  func lines() throws {
    for line in values.lines {
      let fits = [
        (LinearFit(x: line.x, y: line.y), line.ordinary),
        (LinearFit(x: line.x, y: line.y, weights: line.weights), line.weighted),
        (LinearFit(x: line.x, y: line.y, weights: line.weights.map { $0 * 7 }), line.weighted),
        (LinearFit.relative(x: line.x, y: line.y), line.relative),
      ]
      for (fit, expected) in fits {
        let fit = try #require(fit)
        #expect(isClose(fit.intercept, expected.intercept) && isClose(fit.slope, expected.slope))
        #expect(isClose(try #require(fit.interceptError), expected.interceptError))
        #expect(isClose(try #require(fit.slopeError), expected.slopeError))
        #expect(isClose(fit.rSquared, expected.rSquared))
      }
      let power = try #require(PowerFit(x: line.x, y: line.y))
      #expect(isClose(power.factor, line.power.factor) && isClose(power.exponent, line.power.exponent))
      #expect(isClose(try #require(power.exponentError), line.power.exponentError))
      #expect(isClose(power.rSquared, line.power.rSquared, 1e-10))
    }
  }

  @Test("Quantiles and tails of the normal and of Student's distribution")
  func distributions() throws {
    for expected in values.normal { #expect(isClose(Normal.quantile(expected.share), expected.quantile)) }
    for expected in values.student {
      let student = StudentT(degrees: try #require(expected.degrees))
      #expect(isClose(student.quantile(expected.share), expected.quantile, 1e-10), "\(expected)")
      #expect(isClose(student.cumulative(expected.quantile), expected.share, 1e-10), "\(expected)")
    }
    for expected in values.tails {
      #expect(isClose(StudentT(degrees: expected.degrees).twoSided(-expected.t), expected.twoSided), "\(expected)")
    }
  }

  @Test("Welch's test and its interval")
  func welch() throws {
    for expected in values.welch {
      let test = try #require(WelchTest(try values.sample(expected.first), try values.sample(expected.second)))
      #expect(isClose(test.difference, expected.difference, 1e-10) && isClose(test.t, expected.t, 1e-10))
      #expect(isClose(test.degrees, expected.degrees) && isClose(test.pValue, expected.pValue, 1e-10))
      let interval = test.interval()
      #expect(isClose(interval.lower, expected.interval95[0], 1e-10), "\(expected)")
      #expect(isClose(interval.upper, expected.interval95[1], 1e-10), "\(expected)")
    }
  }

  @Test("Mann and Whitney's test, with and without ties, exact and approximate")
  func mannWhitney() throws {
    for expected in values.mannWhitney {
      let (first, second) = (try values.sample(expected.first), try values.sample(expected.second))
      let test = try #require(RankTest.mannWhitney(first, second))
      #expect(test.statistic == expected.statistic && test.isExact == expected.isExact)
      #expect(isClose(test.pValue, expected.pValue), "\(expected)")
      let turned = try #require(RankTest.mannWhitney(second, first))
      #expect(turned.statistic == Double(first.count * second.count) - test.statistic)
      #expect(isClose(turned.pValue, test.pValue))
    }
  }

  @Test("Wilcoxon's test, with zeros and ties, exact and approximate")
  func wilcoxon() throws {
    for expected in values.wilcoxon {
      let test = try #require(RankTest.wilcoxon(expected.differences))
      #expect(test.statistic == expected.statistic && test.isExact == expected.isExact)
      #expect(isClose(test.pValue, expected.pValue), "\(expected)")
      let turned = try #require(RankTest.wilcoxon(expected.differences.map { -$0 }))
      #expect(isClose(turned.pValue, test.pValue))
    }
  }

  @Test("Pearson's and Spearman's coefficients with their p-values")
  func correlations() throws {
    for expected in values.correlations {
      let pearson = try #require(Correlation.pearson(expected.x, expected.y))
      let spearman = try #require(Correlation.spearman(expected.x, expected.y))
      #expect(isClose(pearson.coefficient, expected.pearson[0]))
      #expect(isClose(try #require(pearson.pValue), expected.pearson[1], 1e-9))
      #expect(isClose(spearman.coefficient, expected.spearman[0]))
      #expect(isClose(try #require(spearman.pValue), expected.spearman[1], 1e-9))
    }
  }

  @Test("Bootstrap intervals, up to the resamples' error")
  func bootstrap() throws {
    for expected in values.bootstrap {
      let sample = try values.sample(expected.sample)
      let figure = expected.figure == "mean" ? mean : deviation
      let interval = try #require(Bootstrap(seed: 3, resamples: 4000).interval(of: sample, figure))
      let width = expected.interval95[1] - expected.interval95[0]
      #expect(abs(interval.lower - expected.interval95[0]) < 0.05 * width, "\(expected) and \(interval)")
      #expect(abs(interval.upper - expected.interval95[1]) < 0.05 * width, "\(expected) and \(interval)")
    }
  }

  @Test("Entropies and the shares that have them")
  func entropies() {
    for expected in values.entropies {
      #expect(isClose(BinaryEntropy.value(expected.share), expected.entropy))
      #expect(isClose(BinaryEntropy.share(of: expected.entropy), expected.share, 1e-6))
    }
  }

  @Test("Standard errors of areas under the curve")
  func areaErrors() {
    for expected in values.areaErrors {
      let error = QualityErrors.ofAreaUnderCurve(
        expected.area, samples: expected.ones + expected.zeros,
        positives: expected.ones / (expected.ones + expected.zeros))
      #expect(isClose(error, expected.error), "\(expected)")
    }
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private func deviation(_ values: [Double]) -> Double {
    let mean = mean(values)
    return (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)).squareRoot()
  }
}
