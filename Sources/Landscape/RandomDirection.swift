import Buffers

/// Directions that the seed draws.
enum RandomDirection {
  /// Uniform on the sphere: normal numbers, made as long as 1.
  static func unit(_ count: Int, _ seed: UInt64) -> [Double] {
    let random = Philox(seed, purpose)
    let numbers = (0..<count).map { index in
      let words = random.block(UInt64(index), 0)
      return Double(Philox.normals(words.x, words.y, deviation: 1).0)
    }
    let length = numbers.length
    return numbers.map { $0 / length }
  }

  /// Like no other purpose's random numbers.
  private static let purpose: UInt64 = 0x6469_7265
}

extension [Double] {
  /// The Euclidean norm, of numbers of any size.
  var length: Double {
    let largest = reduce(0) { Swift.max($0, abs($1)) }
    guard largest > 0, largest.isFinite else { return largest }
    return largest * reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
  }

  /// The inner product.
  func dot(_ other: [Double]) -> Double {
    var sum = 0.0
    for index in indices { sum += self[index] * other[index] }
    return sum
  }
}
