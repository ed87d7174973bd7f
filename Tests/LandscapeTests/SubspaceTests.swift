import Foundation
import Landscape
import Testing

@Suite struct SubspaceTests {
  private static let count = 60
  private static let x = (0..<count).map { 3 + cos(Double($0)) }

  /// A row of A: Aᵀ e for a unit vector e.
  private func row(_ number: Int, dimensions: Int, seed: UInt64) -> [Double] {
    RandomSubspace(count: Self.count, dimensions: dimensions, seed: seed)
      .transposed((0..<Self.count).map { $0 == number ? 1 : 0 })
  }

  @Test func entriesAreNormalAndOfTheSeed() {
    let entries = (0..<Self.count).flatMap { row($0, dimensions: 50, seed: 1) }
    let mean = entries.reduce(0, +) / Double(entries.count)
    let variance = entries.reduce(0) { $0 + $1 * $1 } / Double(entries.count)
    // 3,000 draws: four standard errors.
    #expect(abs(mean) < 4 / 3000.0.squareRoot() && abs(variance - 1) < 4 * (2 / 3000.0).squareRoot())
    #expect(row(3, dimensions: 5, seed: 1) == row(3, dimensions: 5, seed: 1))
    #expect(row(3, dimensions: 5, seed: 1) != row(3, dimensions: 5, seed: 2))
    // A larger subspace holds the smaller one.
    #expect(Array(row(3, dimensions: 7, seed: 1)[..<5]) == row(3, dimensions: 5, seed: 1))
  }

  @Test(arguments: [1, 5, 30]) func pseudoInverseSolvesTheNormalEquations(dimensions: Int) {
    let subspace = RandomSubspace(count: Self.count, dimensions: dimensions, seed: 4)
    let solution = subspace.pseudoInverse(Self.x)
    var rest = Self.x
    subspace.add(solution.map { -$0 }, to: &rest)
    let slope = subspace.transposed(rest).map(abs).max()!
    #expect(slope < 1e-9 * subspace.transposed(Self.x).map(abs).max()!)
    #expect(subspace.pseudoInverse(Array(repeating: 0, count: Self.count)) == Array(repeating: 0, count: dimensions))
  }

  /// A convex function is largest in a corner: all of them are looked at.
  @Test func phiIsThatOfTheBestCorner() throws {
    let function = DiagonalQuadratic((0..<Self.count).map { 1 + Double($0 % 3) })
    let (epsilon, dimensions) = (0.01, 4)
    let question = SharpnessQuestion(
      epsilons: [epsilon], subspace: dimensions, wholeSpace: false, rho: 0, hessianIterations: 0, seed: 4)
    let found = try SharpnessFigures.measure(function, at: Self.x, question).keskar[0]
    let subspace = RandomSubspace(count: Self.count, dimensions: dimensions, seed: 4)
    let half = subspace.pseudoInverse(Self.x).map { epsilon * (abs($0) + 1) }
    let corners = try (0..<1 << dimensions).map { corner in
      var point = Self.x
      subspace.add(half.indices.map { corner >> $0 & 1 == 1 ? half[$0] : -half[$0] }, to: &point)
      return try function.value(at: point)
    }
    let start = try function.value(at: Self.x)
    let expected = 100 * (corners.max()! - start) / (1 + start)
    #expect(found.dimensions == dimensions)
    #expect(abs(try #require(found.phi) - expected) < 1e-9 * expected, "\(found), not \(expected)")
    #expect(abs(try #require(found.phiBySigns) - expected) < 1e-9 * expected)
  }

  @Test func moreDirectionsThanWeightsAreRefused() {
    let error = #expect(throws: WholeSetFunction.Failure.self) {
      try SharpnessQuestion(subspace: 100).require(weights: 99)
    }
    #expect(error?.description.contains("--subspace") == true)
  }
}
