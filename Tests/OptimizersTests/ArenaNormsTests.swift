import Buffers
import Optimizers
import Testing

@Suite struct ArenaNormsTests {
  let fixture = Fixture()
  var norms: ArenaNorms { ArenaNorms(layout: fixture.layout) }

  @Test func normIsThatOfTheTrainedNumbers() {
    let arena = fixture.gradients(step: 3)
    let expected = fixture.trained(arena).reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(norms.norm(of: arena) - expected) < 1e-13 * expected)
  }

  /// Squares of these overflow a float, and vanish in one.
  @Test(arguments: [1e30, 1e-30] as [Float]) func normSurvivesExtremes(_ magnitude: Float) {
    let arena = fixture.gradients(step: 3, magnitude: magnitude)
    let expected = fixture.trained(arena).reduce(0) { $0 + $1 * $1 }.squareRoot()
    #expect(expected > 0)
    #expect(abs(norms.norm(of: arena) - expected) < 1e-13 * expected)
  }

  @Test func distanceIsThatOfTheTrainedNumbers() {
    let (a, b) = (fixture.gradients(step: 1), fixture.gradients(step: 2))
    let pairs = zip(fixture.trained(a), fixture.trained(b))
    let expected = pairs.reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    #expect(abs(norms.distance(a, b) - expected) < 1e-13 * expected)
    #expect(norms.distance(a, a) == 0)
  }

  @Test(arguments: [Float.nan, .infinity, -.infinity]) func findsWhatIsNotFinite(_ bad: Float) {
    let arena = fixture.gradients(step: 0)
    #expect(norms.isFinite(arena))
    for index in [0, 17, fixture.layout.count / 2, fixture.layout.count - 1] {
      let good = arena.buffer[index]
      arena.buffer[index] = bad
      #expect(!norms.isFinite(arena), "\(bad) at \(index)")
      arena.buffer[index] = good
    }
    #expect(norms.isFinite(arena))
  }

  @Test func theLargestFloatIsFinite() {
    let arena = fixture.gradients(step: 0)
    arena.fill(.greatestFiniteMagnitude)
    #expect(norms.isFinite(arena))
  }
}
