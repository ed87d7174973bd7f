/// Where arrays lie in one block of memory, so that those that are in use at the same time never overlap and the block is
/// small: the largest first, each in the lowest gap that it fits.
///
/// Counts are doubles: those of a model that is far too large for any memory do not overflow.
struct SharedMemoryPlan {
  struct Array {
    let floats: Double
    /// First and last moment of its use, in any unit.
    let lifetime: ClosedRange<Int>
  }

  /// Place of each array, in floats from the block's start; whole cache lines where the counts are.
  let offsets: [Double]
  /// Size of the block.
  let floats: Double

  init(_ arrays: [Array]) {
    var offsets = Swift.Array(repeating: 0.0, count: arrays.count)
    var placed: [Int] = []
    for index in arrays.indices.sorted(by: { (arrays[$0].floats, $1) > (arrays[$1].floats, $0) }) {
      let neighbours = placed.filter { arrays[$0].lifetime.overlaps(arrays[index].lifetime) }
      for other in neighbours.sorted(by: { offsets[$0] < offsets[$1] }) {
        if offsets[index] + arrays[index].floats <= offsets[other] { break }
        offsets[index] = max(offsets[index], offsets[other] + arrays[other].floats)
      }
      placed.append(index)
    }
    self.offsets = offsets
    floats = zip(offsets, arrays).reduce(0) { max($0, $1.0 + $1.1.floats) }
  }
}
