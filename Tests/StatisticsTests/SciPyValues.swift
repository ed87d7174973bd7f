import Foundation
import Testing

/// `SciPy/statistics.json`.
struct SciPyValues: Decodable {
  struct Estimate: Decodable {
    let mean, standardDeviation, standardError: Double
    let interval95, interval99: [Double]
  }

  struct Line: Decodable {
    struct Fit: Decodable { let intercept, slope, interceptError, slopeError, rSquared: Double }
    struct Power: Decodable { let factor, exponent, exponentError, rSquared: Double }
    let x, y, weights: [Double]
    let ordinary, weighted, relative: Fit
    let power: Power
  }

  struct Quantile: Decodable {
    let degrees: Double?
    let share, quantile: Double
  }

  struct Tail: Decodable { let degrees, t, twoSided: Double }

  struct Welch: Decodable {
    let first, second: String
    let difference, t, degrees, pValue: Double
    let interval95: [Double]
  }

  struct MannWhitney: Decodable {
    let first, second: String
    let statistic, pValue: Double
    let isExact: Bool
  }

  struct Wilcoxon: Decodable {
    let differences: [Double]
    let statistic, pValue: Double
    let isExact: Bool
  }

  struct Correlation: Decodable {
    let x, y: [Double]
    /// Coefficient and p-value.
    let pearson, spearman: [Double]
  }

  struct Bootstrap: Decodable {
    let sample, figure: String
    let interval95: [Double]
  }

  struct Entropy: Decodable { let share, entropy: Double }

  struct AreaError: Decodable { let area, ones, zeros, error: Double }

  let samples: [String: [Double]]
  let estimates: [String: Estimate]
  let quantiles: [String: [String: Double]]
  let medianRanks: [String: [Int]]
  let geometricMeans: [String: Double]
  let lines: [Line]
  let normal, student: [Quantile]
  let tails: [Tail]
  let welch: [Welch]
  let mannWhitney: [MannWhitney]
  let wilcoxon: [Wilcoxon]
  let correlations: [Correlation]
  let bootstrap: [Bootstrap]
  let entropies: [Entropy]
  let areaErrors: [AreaError]

  static func load() throws -> SciPyValues {
    let folder = Bundle.module.resourceURL ?? Bundle.module.bundleURL
    let file = folder.appendingPathComponent("SciPy/statistics.json")
    return try JSONDecoder().decode(SciPyValues.self, from: Data(contentsOf: file))
  }

  /// - Throws: where there is none of this name.
  func sample(_ name: String) throws -> [Double] { try #require(samples[name]) }
}

/// Up to a share of the larger, or so little that both are 0.
func isClose(_ a: Double, _ b: Double, _ tolerance: Double = 1e-11) -> Bool {
  abs(a - b) <= tolerance * max(abs(a), abs(b)) + 1e-300
}
