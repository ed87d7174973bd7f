import Foundation
import Testing
import Training

/// scikit-learn 1.9.1's values for `Samples`. The recipe:
///
///     import numpy as np
///     from sklearn.metrics import log_loss, roc_auc_score
///
///     def samples(n, levels):
///         x, scores, labels = 12345, [], []
///         for _ in range(n):
///             x = (1664525 * x + 1013904223) % 2**32
///             score = (x >> 8) % levels
///             x = (1664525 * x + 1013904223) % 2**32
///             labels.append(int((x >> 8) % (4 * levels) < score))
///             scores.append((score - levels // 2) / levels * 8)
///         return np.float32(scores), np.array(labels)
///
///     for n, levels in (5000, 401), (5000, 1000003), (300, 3):
///         s, y = samples(n, levels)
///         p, r = 1 / (1 + np.exp(-np.float64(s))), y.mean()
///         loss = log_loss(y, p)
///         entropy = -(r * np.log(r) + (1 - r) * np.log(1 - r))
///         print(n, levels, roc_auc_score(y, s), loss, loss / entropy, p.mean() / r)
struct ScikitLearnValues: Sendable {
  let samples: Int
  let levels: Int
  let area: Double
  let loss: Double
  let normalizedEntropy: Double
  let calibration: Double

  static let all: [ScikitLearnValues] = [
    .init(
      samples: 5_000, levels: 401, area: 0.7051243885714287, loss: 1.0351910167760596,
      normalizedEntropy: 2.747539808683229, calibration: 4.027010884827313),
    .init(
      samples: 5_000, levels: 1_000_003, area: 0.6830475650140636, loss: 1.0019901526501802,
      normalizedEntropy: 2.458891005727001, calibration: 3.4997454587433827),
    .init(
      samples: 300, levels: 3, area: 0.7678018575851393, loss: 0.9424995939747696,
      normalizedEntropy: 2.666735526116084, calibration: 4.386174656723579),
  ]
}

@Suite struct BinaryMetricsTests {
  @Test(arguments: ScikitLearnValues.all) func equalScikitLearns(wanted: ScikitLearnValues) {
    let samples = Samples(wanted.samples, levels: wanted.levels)
    let metrics = scores(samples).alone(loss: wanted.loss)
    #expect(abs(metrics.areaUnderCurve! - wanted.area) < 1e-12)
    #expect(abs(metrics.normalizedEntropy! - wanted.normalizedEntropy) < 1e-12)
    #expect(abs(metrics.calibration! - wanted.calibration) < 1e-6)
    #expect(BinaryMetrics.areaUnderCurve(scores: samples.scores, labels: samples.labels) == metrics.areaUnderCurve)
  }

  @Test(arguments: [1, 2, 5, 40, 100_000], [2, 3, 17, 400]) func areaEqualsCountingAllPairs(levels: Int, count: Int) {
    var samples = Samples(count, levels: levels)
    samples.labels[0] = 1
    samples.labels[1] = 0
    let area = BinaryMetrics.areaUnderCurve(scores: samples.scores, labels: samples.labels)
    #expect(area == areaByCountingAllPairs(samples))
  }

  /// A weight of n is n samples, but for the area, which counts each once.
  @Test func weightsCountSamplesSeveralTimes() {
    let samples = Samples(400, levels: 37)
    let weights = samples.scores.indices.map { Float($0 % 4) }
    var kept = BinaryScores(capacity: samples.scores.count)
    samples.scores.withUnsafeBufferPointer { scores in
      samples.labels.withUnsafeBufferPointer { labels in
        weights.withUnsafeBufferPointer { kept.add(scores, labels: labels, weights: $0) }
      }
    }
    var repeated = samples
    let all = scores(samples).alone(loss: 0.7)
    repeated.scores = samples.scores.indices.flatMap { [Float](repeating: samples.scores[$0], count: $0 % 4) }
    repeated.labels = samples.labels.indices.flatMap { [Int32](repeating: samples.labels[$0], count: $0 % 4) }
    let (found, wanted) = (kept.alone(loss: 0.7), scores(repeated).alone(loss: 0.7))
    #expect(abs(found.calibration! - wanted.calibration!) < 1e-12)
    #expect(found.normalizedEntropy == wanted.normalizedEntropy && found.areaUnderCurve == all.areaUnderCurve)
    #expect(all.normalizedEntropy != wanted.normalizedEntropy)
  }

  /// Both zeros are one score; the ends of the range and infinities have their places.
  @Test func areaOrdersEveryKindOfScore() {
    let rising: [Float] = [
      -.infinity, -.greatestFiniteMagnitude, -1, -.leastNonzeroMagnitude, 0, .leastNonzeroMagnitude, 1,
      .greatestFiniteMagnitude, .infinity,
    ]
    for (a, b) in zip(rising, rising.dropFirst()) {
      #expect(BinaryMetrics.areaUnderCurve(scores: [a, b], labels: [0, 1]) == 1, "\(a) and \(b)")
      #expect(BinaryMetrics.areaUnderCurve(scores: [a, b], labels: [1, 0]) == 0, "\(a) and \(b)")
    }
    #expect(BinaryMetrics.areaUnderCurve(scores: [-0.0, 0.0], labels: [1, 0]) == 0.5)
    #expect(BinaryMetrics.areaUnderCurve(scores: [0.0, -0.0], labels: [1, 0]) == 0.5)
  }

  @Test func isUndefinedWithoutBothClassesOrOrder() {
    #expect(BinaryMetrics.areaUnderCurve(scores: [], labels: []) == nil)
    #expect(BinaryMetrics.areaUnderCurve(scores: [1, 2], labels: [1, 1]) == nil)
    #expect(BinaryMetrics.areaUnderCurve(scores: [1, 2], labels: [0, 0]) == nil)
    #expect(BinaryMetrics.areaUnderCurve(scores: [1, .nan], labels: [0, 1]) == nil)
    var negatives = BinaryScores(capacity: 1)
    [Float(0)].withUnsafeBufferPointer { scores in
      [Int32(0)].withUnsafeBufferPointer { negatives.add(scores, labels: $0) }
    }
    #expect(negatives.alone(loss: 0.7).calibration == nil)
  }

  @Test func radixSortSorts() {
    for count in [0, 1, 2, 3, 1000] {
      for mask: UInt32 in [0, 0xFF, 0xFF00, 0xFF_00FF, .max] {
        var keys = (0..<count).map { UInt32(truncatingIfNeeded: $0 &* 2_654_435_761) & mask }
        let wanted = keys.sorted()
        keys.withUnsafeMutableBufferPointer { RadixSort.sort($0) }
        #expect(keys == wanted, "\(count) keys under \(mask)")
      }
    }
  }

  @Test func probabilitiesSumToOneAndDoNotOverflow() {
    var scores: [Float] = [1000, -1000, 999, 0]
    var result = [Float](repeating: 0, count: 4)
    scores.withUnsafeMutableBufferPointer { scores in
      result.withUnsafeMutableBufferPointer { Probability.write(scores, to: $0) }
    }
    #expect(abs(result.reduce(0, +) - 1) < 1e-6 && result[1] == 0)
    #expect(abs(result[0] / result[2] - Float(M_E)) < 1e-5)
    #expect(Probability.ofClass1(logit: -1000) == 0 && Probability.ofClass1(logit: 1000) == 1)
    #expect(Probability.ofClass1(logit: 0) == 0.5)
  }

  private func scores(_ samples: Samples) -> BinaryScores {
    var kept = BinaryScores(capacity: samples.scores.count)
    samples.scores.withUnsafeBufferPointer { scores in
      samples.labels.withUnsafeBufferPointer { kept.add(scores, labels: $0) }
    }
    return kept
  }

  /// The definition, in n².
  private func areaByCountingAllPairs(_ samples: Samples) -> Double {
    var (twiceOrdered, pairs) = (0, 0)
    for (positive, label) in zip(samples.scores, samples.labels) where label == 1 {
      for (negative, label) in zip(samples.scores, samples.labels) where label == 0 {
        twiceOrdered += positive > negative ? 2 : positive == negative ? 1 : 0
        pairs += 1
      }
    }
    return Double(twiceOrdered) / (2 * Double(pairs))
  }
}
