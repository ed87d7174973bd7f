import Foundation
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

  /// Of a way whose training loss is `loss` of α.
  private func figures(_ loss: (Double) -> Double) -> InterpolationFigures {
    let nothing = InterpolationFigures.Figures(loss: 0, accuracy: nil)
    return InterpolationFigures(
      path: .straight,
      places: Interpolation(.straight).alphas.map {
        .init(alpha: $0, training: .init(loss: loss($0), accuracy: nil), heldOut: nothing)
      })
  }

  @Test func aBarrierIsTheRiseAboveTheLineBetweenTheEnds() throws {
    // 1 + α on the line, and a hump of height 3 in its middle.
    let hump = figures { 1 + $0 + 3 * max(0, sin(.pi * $0)) }
    #expect(abs(try #require(hump.barrier) - 3) < 1e-12)
    #expect(figures { $0 * $0 }.barrier == 0)
    #expect(figures { abs($0 - 0.5) < 0.01 ? .nan : 1 }.barrier == nil)
    #expect(InterpolationFigures(path: .straight, places: []).barrier == nil)
  }

  @Test func theSharperSideIsWhereTheLossRisesFasterAtEveryDistance() throws {
    // Three times as steep beyond 1 as beyond 0: the least difference is that of the shortest distance, 1/8.
    let steep = figures { $0 > 1 ? 3 * ($0 - 1) : $0 < 0 ? -$0 : 0 }
    #expect(abs(try #require(steep.beyondDifference) - 0.25) < 1e-12)
    #expect(steep.beyond.count == 8)
    let mixed = figures { $0 > 1 ? 3 * ($0 - 1) : $0 < -0.9 ? 9 : 0 }
    #expect(abs(try #require(mixed.beyondDifference) + 6) < 1e-12)
    #expect(figures { $0 > 1.9 ? .nan : 1 }.beyondDifference == nil)
    #expect(figures { abs($0) > 0.5 ? .infinity : 1 }.beyondDifference == nil)
  }
}
