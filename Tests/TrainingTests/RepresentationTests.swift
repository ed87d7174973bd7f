import Buffers
import Foundation
import Testing
import Training

/// Nearest neighbours and the linear probe against what is worked out by hand.
@Suite struct RepresentationTests {
  /// Points around one centre a class.
  private static func clusters(_ count: Int, width: Int, classes: Int, spread: Float, seed: UInt64) -> Representations {
    func numbers(_ count: Int, _ seed: UInt64) -> [Float] {
      let random = Philox(seed)
      return (0..<count).map { 2 * Philox.unit(random.block(UInt64($0), 0).x) - 1 }
    }
    let centres = numbers(classes * width, 77)
    let noise = numbers(count * width, seed)
    let labels = (0..<count).map { Int32($0 * 7 % classes) }
    let values = (0..<count * width).map { index in
      centres[Int(labels[index / width]) * width + index % width] + spread * noise[index]
    }
    return Representations(rows: Tensor(values, shape: Shape(count, width)), labels: labels)
  }

  @Test(arguments: [1, 5, 20], [1, 8, 64])
  func neighboursVoteByCosine(voters: Int, rowsAtOnce: Int) throws {
    let references = Self.clusters(90, width: 6, classes: 4, spread: 1.5, seed: 1)
    let samples = Self.clusters(33, width: 6, classes: 4, spread: 1.5, seed: 2)
    let found = try NearestNeighbours(references, classes: 4, voters: voters).classes(
      of: samples, rowsAtOnce: rowsAtOnce)
    func row(_ set: Representations, _ index: Int) -> [Double] {
      (0..<6).map { Double(set.rows.buffer[index * 6 + $0]) }
    }
    func cosine(_ a: [Double], _ b: [Double]) -> Double {
      func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }
    for sample in 0..<samples.count {
      let similar = (0..<references.count).map {
        (cosine(row(samples, sample), row(references, $0)), references.labels[$0])
      }
      var votes = [Double](repeating: 0, count: 4)
      for (similarity, label) in similar.sorted(by: { $0.0 > $1.0 }).prefix(voters) {
        votes[Int(label)] += exp(similarity / 0.07)
      }
      #expect(found[sample] == Int32(votes.firstIndex(of: votes.max()!)!), "sample \(sample)")
    }
  }

  @Test func fewReferencesAllVote() throws {
    let references = Self.clusters(3, width: 4, classes: 3, spread: 0.01, seed: 1)
    let samples = Self.clusters(30, width: 4, classes: 3, spread: 0.01, seed: 2)
    let found = try NearestNeighbours(references, classes: 3, voters: 200).classes(of: samples, rowsAtOnce: 7)
    #expect(found == samples.labels)
  }

  @Test func moreReferencesThanATileHas() throws {
    let references = Self.clusters(5000, width: 5, classes: 6, spread: 0.2, seed: 1)
    let samples = Self.clusters(40, width: 5, classes: 6, spread: 0.2, seed: 2)
    let found = try NearestNeighbours(references, classes: 6, voters: 20).classes(of: samples, rowsAtOnce: 16)
    #expect(zip(found, samples.labels).count { $0 == $1 } >= 39)
  }

  /// Where the gradient of the penalised mean cross-entropy, worked out in doubles, is 0.
  @Test(arguments: [1e-3, 1e-1]) func theProbeIsAtItsMinimum(penalty: Double) throws {
    let (count, width, classes) = (200, 5, 3)
    let samples = Self.clusters(count, width: width, classes: classes, spread: 2, seed: 3)
    let probe = try LinearProbe(samples, classes: classes, penalty: penalty)
    let weights = probe.weights.values.map(Double.init)
    // Standardised, with a 1 for the bias.
    let columns = (0..<width).map { column in (0..<count).map { Double(samples.rows.buffer[$0 * width + column]) } }
    let standard = columns.map { column -> [Double] in
      let mean = column.reduce(0, +) / Double(count)
      let deviation = (column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count)).squareRoot()
      return column.map { ($0 - mean) / deviation }
    }
    var gradient = [Double](repeating: 0, count: (width + 1) * classes)
    for row in 0..<count {
      let inputs = standard.map { $0[row] } + [1]
      let scores = (0..<classes).map { label in
        inputs.indices.reduce(0) { $0 + inputs[$1] * weights[$1 * classes + label] }
      }
      let sum = scores.reduce(0) { $0 + exp($1) }
      for label in 0..<classes {
        let error = exp(scores[label]) / sum - (Int(samples.labels[row]) == label ? 1 : 0)
        for index in inputs.indices { gradient[index * classes + label] += error * inputs[index] / Double(count) }
      }
    }
    for index in 0..<width * classes { gradient[index] += penalty * weights[index] }
    let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(norm < 2e-3, "the gradient's norm is \(norm)")
  }

  @Test func theProbeTellsClustersApart() throws {
    let probe = try LinearProbe(Self.clusters(300, width: 8, classes: 5, spread: 0.3, seed: 4), classes: 5)
    let others = Self.clusters(100, width: 8, classes: 5, spread: 0.3, seed: 5)
    #expect(try probe.countRight(others) >= 99)
    // Whatever the scale of a number, and where it is always the same.
    let scaled = Self.clusters(300, width: 8, classes: 5, spread: 0.3, seed: 4)
    for row in 0..<300 {
      scaled.rows.buffer[row * 8] *= 1000
      scaled.rows.buffer[row * 8 + 7] = 3
    }
    let probeOfScaled = try LinearProbe(scaled, classes: 5)
    #expect(probeOfScaled.weights.buffer.allSatisfy { $0.isFinite })
    #expect(try probeOfScaled.countRight(scaled) >= 290)
  }

  /// Noise is fitted less the larger the penalty: with labels that say nothing, the largest does best or ties.
  @Test func thePenaltyIsChosenOnSamplesThatWereNotFitted() throws {
    var noise = Self.clusters(120, width: 60, classes: 2, spread: 3, seed: 6)
    let random = Philox(9)
    noise.labels = (0..<120).map { Int32(random.block(UInt64($0), 0).x % 2) }
    let probe = try LinearProbe(noise, classes: 2)
    let right = try [1e-4, 1e-3, 1e-2, 1e-1].map {
      try LinearProbe(noise[0..<96], classes: 2, penalty: $0).countRight(noise[96..<120])
    }
    let best = zip([1e-4, 1e-3, 1e-2, 1e-1], right).filter { $0.1 == right.max()! }.map(\.0).max()!
    #expect(probe.penalty == best)
  }

  @Test(arguments: [1, 2, 5, 23]) func theInverseTimesTheMatrixIsOne(order: Int) {
    let random = Philox(4)
    let values = (0..<order * order).map { Double(Philox.unit(random.block(UInt64($0), 0).x)) - 0.5 }
    // A·Aᵀ + 1 has positive eigenvalues.
    let matrix = (0..<order * order).map { place in
      let (i, j) = (place / order, place % order)
      return (0..<order).reduce(i == j ? 1.0 : 0) { $0 + values[i * order + $1] * values[j * order + $1] }
    }
    let inverse = PositiveDefinite.inverse(matrix, order: order)
    for i in 0..<order {
      for j in 0..<order {
        let product = (0..<order).reduce(0.0) { $0 + matrix[i * order + $1] * inverse[$1 * order + j] }
        #expect(abs(product - (i == j ? 1 : 0)) < 1e-9)
      }
    }
  }
}
