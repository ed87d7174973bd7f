import Buffers

/// Points that fill a cube evenly, and go on to fill it as more of them are taken: Halton 1960, "On the efficiency of certain
/// quasi-random sequences of points". The digits of each base are permuted at random, each place of them in its own way (Owen
/// 2017, "A randomized Halton algorithm in R"), or coordinates of larger bases would rise in step with each other.
///
/// Point i depends on the seed and i alone, so the first n of 2n points are those of n.
public struct HaltonSequence: Sendable {
  /// One prime number each; beyond them the first points lie on few lines.
  private static let bases = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53]
  /// So many coordinates a point may have.
  public static let mostDimensions = bases.count

  /// Of each coordinate, and in it of each place, from the first behind the point: what becomes of a digit.
  private let permutations: [[[Int]]]

  /// - Parameters:
  ///   - dimensions: of the cube; at most `mostDimensions`.
  ///   - seed: of the permutations; nil leaves the digits as they are.
  public init(dimensions: Int, seed: UInt64?) {
    precondition(1...Self.mostDimensions ~= dimensions, "a Halton sequence in \(dimensions) dimensions")
    permutations = Self.bases.prefix(dimensions).map { base in
      (0..<Self.digits(of: base)).map { place in
        seed.map { Self.permutation(base, Philox($0, UInt64(base), UInt64(place))) } ?? Array(0..<base)
      }
    }
  }

  /// A point's coordinates, in 0 ≤ x < 1.
  ///
  /// - Parameter index: from 0.
  public func point(_ index: Int) -> [Double] {
    zip(Self.bases, permutations).map { base, permutations in
      var (rest, weight, sum) = (index, 1.0, 0.0)
      for permutation in permutations {
        weight /= Double(base)
        sum += weight * Double(permutation[rest % base])
        rest /= base
      }
      return min(sum, 1.0.nextDown)
    }
  }

  /// As many as a double tells apart between 0 and 1.
  private static func digits(of base: Int) -> Int {
    var (digits, weight) = (0, 1.0)
    while weight > 0x1p-53 { (digits, weight) = (digits + 1, weight / Double(base)) }
    return digits
  }

  /// Any with the same chance (Fisher and Yates).
  private static func permutation(_ count: Int, _ random: Philox) -> [Int] {
    var values = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) {
      let word = random.block(UInt64(index), 0).x
      values.swapAt(index, Int((UInt64(word) * UInt64(index + 1)) >> 32))
    }
    return values
  }
}
