import Buffers

/// Repeatable numbers in -1..<1.
func numbers(_ count: Int, _ seed: UInt64) -> [Float] {
  let random = Philox(seed)
  return (0..<count).map { 2 * Philox.unit(random.block(UInt64($0), 0).x) - 1 }
}

/// The largest difference, as a share of the largest expected magnitude (at least 1).
func difference(_ values: [Float], _ expected: [Float]) -> Float {
  guard values.count == expected.count else { return .infinity }
  let scale = expected.reduce(1) { max($0, abs($1)) }
  return zip(values, expected).reduce(0) { max($0, $1.0.isNaN != $1.1.isNaN ? .infinity : abs($1.0 - $1.1)) } / scale
}

/// Odd sizes around vector widths and block sizes.
let oddSizes = [1, 3, 7, 8, 9, 15, 16, 17, 33, 100]
