import Landscape
import Testing

@Suite struct InterpolationTests {
  @Test func placesAreKeskars() {
    let alphas = Interpolation(.straight).alphas
    #expect(alphas.count == 25 && alphas.first == -1 && alphas.last == 2 && alphas[8] == 0 && alphas[16] == 1)
    #expect(Interpolation(.straight, places: 2).alphas == [-1, 2])
  }

  @Test func endsAreTheTwoPoints() {
    for path in Interpolation.Path.allCases {
      let way = Interpolation(path)
      let (first, second) = (way.factors(1), way.factors(0))
      #expect(abs(first.first - 1) < 1e-15 && abs(first.second) < 1e-15)
      #expect(second == (0, 1))
    }
    #expect(Interpolation(.straight).factors(-0.5) == (-0.5, 1.5))
    let middle = Interpolation(.curved).factors(0.5)
    #expect(abs(middle.first - 0.5.squareRoot()) < 1e-15 && abs(middle.second - middle.first) < 1e-15)
  }
}
