import Buffers
import Foundation
import Layers
import Testing

/// Against the formula as it is written, in doubles, and finite differences.
@Suite struct NTXentTests {
  /// Projections of both views of each sample, `[samples][view][width]`.
  typealias Projections = [[[Double]]]

  struct Case: Sendable {
    var samples: Int
    var width: Int
    var microbatch: Int
    var temperature = 0.5
    var group: Int?
  }

  /// Odd sizes, groups that cut microbatches, more columns than a tile has.
  static let cases = [
    Case(samples: 2, width: 1, microbatch: 2), Case(samples: 5, width: 3, microbatch: 2),
    Case(samples: 12, width: 7, microbatch: 5, temperature: 0.1, group: 4),
    Case(samples: 10, width: 4, microbatch: 10, group: 3), Case(samples: 9, width: 5, microbatch: 4, group: 4),
    Case(samples: 300, width: 6, microbatch: 64, temperature: 0.07),
  ]

  private static func projections(_ example: Case) -> Projections {
    let values = numbers(2 * example.samples * example.width, 5)
    return (0..<example.samples).map { sample in
      (0..<2).map { view in
        (0..<example.width).map { Double(values[(2 * sample + view) * example.width + $0]) }
      }
    }
  }

  private static func unit(_ values: [Double]) -> [Double] {
    let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return values.map { $0 / length }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += a[index] * b[index] }
    return sum
  }

  /// The mean over both views of all samples that have company.
  private static func naiveLoss(_ z: Projections, _ example: Case) -> (loss: Double, right: Double, counted: Int) {
    let size = example.group ?? example.samples
    let units = z.map { $0.map(unit) }
    var (sum, right, counted) = (0.0, 0.0, 0)
    for i in z.indices {
      let group = i / size * size..<min((i / size + 1) * size, z.count)
      guard group.count > 1 else { continue }
      counted += 1
      for view in 0..<2 {
        let positive = dot(units[i][view], units[i][1 - view]) / example.temperature
        var (others, highest) = (0.0, -Double.infinity)
        for k in group where k != i {
          for other in units[k] {
            let similarity = dot(units[i][view], other) / example.temperature
            others += exp(similarity)
            highest = max(highest, similarity)
          }
        }
        sum += log(others + exp(positive)) - positive
        right += positive > highest ? 0.5 : 0
      }
    }
    return (sum / 2, right, counted)
  }

  /// As a step does it, on one rank.
  private static func run(_ z: Projections, _ example: Case) throws -> (sums: LossSums, gradients: [[[Float]]]) {
    let loss = try bound(example)
    loss.begin(samples: example.samples)
    try forEachPass(example) { loss.note(outputs(z, $0), $0) }
    for first in stride(from: 0, to: example.samples, by: example.microbatch) {
      try loss.addUp(first..<min(first + example.microbatch, example.samples))
    }
    var (sums, both) = (LossSums(), LossSums())
    var gradients = z.map { $0.map { $0.map { _ in Float.nan } } }
    let labels = [Int32](repeating: 0, count: example.samples)
    try labels.withUnsafeBufferPointer { labels in
      try forEachPass(example) { pass in
        let (outputs, gradient) = (outputs(z, pass), Tensor(Shape(pass.rows, example.width)))
        let mine = UnsafeBufferPointer(rebasing: labels[..<pass.rows])
        sums += loss.forward(outputs, labels: mine, pass)
        try loss.backward(outputs, labels: mine, outputGradient: gradient, pass)
        for row in 0..<pass.rows {
          gradients[pass.firstRowInGlobalBatch + row][pass.view] =
            Array(gradient.values[row * example.width..<(row + 1) * example.width])
        }
        if pass.view == 0 {
          both += loss.sums(of: pass.firstRowInGlobalBatch..<pass.firstRowInGlobalBatch + pass.rows)
        }
      }
    }
    let tolerance = 1e-9 * max(1, sums.loss.magnitude)
    #expect(both.loss.isNaN == sums.loss.isNaN && !(abs(both.loss - sums.loss) > tolerance))
    #expect(both.correct == sums.correct)
    #expect(both.samples == sums.samples && both.weight == sums.weight)
    return (sums, gradients)
  }

  private static func bound(_ example: Case) throws -> BoundNTXent {
    let loss = NTXent(temperature: example.temperature, group: example.group)
    return try #require(
      try loss.bind(outputs: Shape(example.width), maximumRows: example.microbatch) as? BoundNTXent)
  }

  private static func outputs(_ z: Projections, _ pass: Pass) -> Tensor {
    let rows = z[pass.firstRowInGlobalBatch..<pass.firstRowInGlobalBatch + pass.rows]
    return Tensor(rows.flatMap { $0[pass.view].map { Float($0) } }, shape: Shape(pass.rows, z[0][0].count))
  }

  private static func forEachPass(_ example: Case, _ body: (Pass) throws -> Void) throws {
    for first in stride(from: 0, to: example.samples, by: example.microbatch) {
      let samples = Array(first..<min(first + example.microbatch, example.samples))
      for view in 0..<2 {
        try samples.withUnsafeBufferPointer { samples in
          try body(
            Pass(
              mode: .training, epoch: 0, samples: samples, overwritesGradients: true, globalBatch: example.samples,
              firstRowInGlobalBatch: first, view: view, views: 2))
        }
      }
    }
  }

  @Test(arguments: cases) func sumsAreTheFormula(example: Case) throws {
    let z = Self.projections(example)
    let (sums, expected) = (try Self.run(z, example).sums, Self.naiveLoss(z, example))
    #expect(abs(sums.loss - expected.loss) < 2e-6 * max(1, expected.loss), "\(sums.loss), not \(expected.loss)")
    #expect(sums.correct == expected.right)
    #expect(sums.samples == expected.counted && sums.weight == Double(expected.counted))
  }

  @Test(arguments: cases) func gradientEqualsFiniteDifferencesOfTheGlobalMean(example: Case) throws {
    var z = Self.projections(example)
    let gradients = try Self.run(z, example).gradients
    // Of many samples, few.
    for i in stride(from: 0, to: example.samples, by: max(1, example.samples / 3 * (example.samples / 40))) {
      for view in 0..<2 {
        for index in 0..<example.width {
          let before = z[i][view][index]
          let step = 1e-4
          z[i][view][index] = before + step
          let above = Self.naiveLoss(z, example).loss
          z[i][view][index] = before - step
          let below = Self.naiveLoss(z, example).loss
          z[i][view][index] = before
          let numeric = (above - below) / (2 * step) / Double(example.samples)
          let found = Double(gradients[i][view][index])
          #expect(
            abs(found - numeric) < 2e-5 * max(0.1, abs(numeric)), "sample \(i), view \(view): \(found), \(numeric)")
        }
      }
    }
  }

  /// A projection's length says nothing, so its gradient has no part along it.
  @Test func gradientsArePerpendicular() throws {
    let example = Self.cases[1]
    let z = Self.projections(example)
    for (views, gradients) in zip(z, try Self.run(z, example).gradients) {
      for (view, gradient) in zip(views, gradients) {
        #expect(abs(zip(view, gradient).reduce(0) { $0 + $1.0 * Double($1.1) }) < 1e-6)
      }
    }
  }

  @Test func microbatchesChangeRoundingAtMost() throws {
    let whole = Case(samples: 40, width: 8, microbatch: 40)
    let z = Self.projections(whole)
    let expected = try Self.run(z, whole)
    for microbatch in [1, 7, 16] {
      let found = try Self.run(z, Case(samples: 40, width: 8, microbatch: microbatch))
      #expect(abs(found.sums.loss - expected.sums.loss) < 1e-6 * expected.sums.loss)
      let flat = { (gradients: [[[Float]]]) in gradients.flatMap { $0.flatMap { $0 } } }
      #expect(difference(flat(found.gradients), flat(expected.gradients)) < 1e-6)
    }
  }

  /// Sums of exponentials overflow in floats at a similarity ÷ temperature of 88, and vanish at −87.
  @Test(arguments: [1e-3, 1e-6]) func smallTemperaturesNeitherOverflowNorVanish(temperature: Double) throws {
    let example = Case(samples: 6, width: 3, microbatch: 3, temperature: temperature)
    let z = Self.projections(example)
    let (sums, gradients) = try Self.run(z, example)
    #expect(sums.loss.isFinite && sums.loss > 0)
    #expect(gradients.allSatisfy { $0.allSatisfy { $0.allSatisfy(\.isFinite) } })
  }

  /// Equal views of unlike samples: the best there is, where a perfect answer is at hand.
  @Test func opposedPairsAreToldApart() throws {
    let example = Case(samples: 2, width: 1, microbatch: 2)
    let (sums, gradients) = try Self.run([[[2], [3]], [[-1], [-4]]], example)
    // Similarities 1 to the positive, −1 to both negatives, at temperature 0.5.
    let expected = 2 * log(1 + 2 * exp(-4.0))
    #expect(abs(sums.loss - expected) < 1e-6 && sums.correct == 2)
    #expect(gradients.allSatisfy { $0.allSatisfy { $0 == [0] } })
  }

  @Test func aCollapsedModelFindsNothing() throws {
    let example = Case(samples: 4, width: 2, microbatch: 4)
    let sums = try Self.run(Array(repeating: [[1, 1], [1, 1]], count: 4), example).sums
    #expect(abs(sums.meanLoss - log(7.0)) < 1e-6 && sums.correct == 0)
  }

  @Test func aProjectionOfZerosPointsNowhere() throws {
    var z = Self.projections(Self.cases[1])
    z[2][1] = [0, 0, 0]
    let (sums, gradients) = try Self.run(z, Self.cases[1])
    #expect(sums.loss.isFinite && gradients[2][1] == [0, 0, 0])
    #expect(gradients.allSatisfy { $0.allSatisfy { $0.allSatisfy(\.isFinite) } })
  }

  @Test func whatIsNoNumberShows() throws {
    for value in [Double.nan, .infinity] {
      var z = Self.projections(Self.cases[1])
      z[4][0][1] = value
      #expect(try !Self.run(z, Self.cases[1]).sums.loss.isFinite)
    }
  }

  @Test func roomFollowsTheLargestGlobalBatch() throws {
    let loss = try Self.bound(Case(samples: 9, width: 4, microbatch: 3))
    for samples in [3, 9, 6] {
      loss.begin(samples: samples)
      #expect(loss.units.shape == Shape(2 * samples, 4) && loss.logSums.count == 2 * samples)
    }
  }

  @Test func refusesImages() {
    #expect(throws: LayerError.self) { try NTXent(temperature: 1).validate(outputs: Shape(2, 2, 3)) }
  }
}
