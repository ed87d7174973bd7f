import Buffers
import Configuration
import Optimizers
import Testing

@Suite struct SharpnessAscentTests {
  private static func ascent(
    _ fixture: Fixture, radius: Double = 0.05, adaptive: Bool = false
  ) -> SharpnessAscent {
    SharpnessAscent(.init(radius: radius, adaptive: adaptive), layout: fixture.layout)
  }

  /// ε = ρ g ÷ ‖g‖, of what is trained; whatever the gradient's scale, ‖ε‖ = ρ.
  @Test(arguments: [1e-6, 1, 1e6] as [Float]) func movesByTheRadius(_ magnitude: Float) {
    let fixture = Fixture()
    let before = fixture.parameters.values
    let gradients = fixture.gradients(step: 0, magnitude: magnitude)
    Self.ascent(fixture).climb(fixture.parameters, along: gradients)
    let norm = size(fixture.trained(gradients))
    for index in fixture.trainedIndices {
      let expected = Double(before[index]) + 0.05 * Double(gradients.buffer[index]) / norm
      #expect(abs(Double(fixture.parameters.buffer[index]) - expected) < 1.5e-7)
    }
    #expect(fixture.untouchedIndices.allSatisfy { fixture.parameters.buffer[$0] == before[$0] })
  }

  /// ε = ρ T² g ÷ ‖T g‖ with T = |w| + 0.01 for arrays of several dimensions and 1 for others.
  @Test func movesBySizesOfWeights() {
    let fixture = Fixture()
    let before = fixture.parameters.values.map(Double.init)
    let gradients = fixture.gradients(step: 1)
    Self.ascent(fixture, radius: 0.5, adaptive: true).climb(fixture.parameters, along: gradients)
    var sizes = before.map { _ in 1.0 }
    for entry in fixture.layout.entries where entry.parameter.shape.rank > 1 {
      for index in entry.range { sizes[index] = abs(before[index]) + 0.01 }
    }
    let norm = size(fixture.trainedIndices.map { sizes[$0] * Double(gradients.buffer[$0]) })
    for index in fixture.trainedIndices {
      let step = 0.5 * sizes[index] * sizes[index] * Double(gradients.buffer[index]) / norm
      #expect(abs(Double(fixture.parameters.buffer[index]) - before[index] - step) < 1e-6)
    }
  }

  @Test func goesBackToTheSameBits() {
    let fixture = Fixture()
    let before = fixture.parameters.values
    let ascent = Self.ascent(fixture, radius: 3)
    for step in 0..<2 {
      ascent.climb(fixture.parameters, along: fixture.gradients(step: step))
      #expect(fixture.parameters.values != before)
      ascent.goBack(fixture.parameters)
      #expect(fixture.parameters.values == before)
    }
  }

  /// Evaluation is at the weights themselves: so are the statistics that it normalises by.
  @Test func keepsTheFirstGradientsStatistics() {
    let fixture = Fixture()
    let (first, second) = (fixture.gradients(step: 0), fixture.gradients(step: 1))
    let expected = second.values
    let ascent = Self.ascent(fixture)
    ascent.climb(fixture.parameters, along: first)
    ascent.restoreStatistics(in: second, within: fixture.layout.layerRanges[0])
    #expect(second.values == expected)
    ascent.restoreStatistics(in: second, within: fixture.layout.layerRanges[1])
    for entry in fixture.layout.entries {
      let source = entry.parameter.isStatistic ? first.values : expected
      #expect(entry.range.allSatisfy { second.buffer[$0] == source[$0] }, "\(entry.parameter.name)")
    }
  }

  /// Nothing to climb, or no size that a float could hold: the weights stay.
  @Test(arguments: [0, Float.leastNonzeroMagnitude, .nan]) func staysWhereThereIsNoDirection(_ magnitude: Float) {
    let fixture = Fixture()
    let before = fixture.parameters.values
    Self.ascent(fixture).climb(fixture.parameters, along: fixture.gradients(step: 0, magnitude: magnitude))
    #expect(fixture.parameters.values == before)
  }

  private func size(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }
}
