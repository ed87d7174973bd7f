/// Room to sort row numbers by row id, kept from step to step.
struct SortingMemory {
  private var memory = AlignedMemory(byteCount: 0)
  private var starts = [Int](repeating: 0, count: 1 << Self.digitBits)

  private static let digitBits = 11

  /// 0..<ids.count, ordered by id: a radix sort, whose time grows with the ids alone.
  ///
  /// - Parameter bound: all ids are in 0..<bound.
  mutating func sort(_ ids: UnsafeBufferPointer<Int32>, bound: Int) -> UnsafeBufferPointer<Int32> {
    let bytes = ids.count * MemoryLayout<Int32>.stride
    if memory.byteCount < 2 * bytes {
      memory = AlignedMemory(byteCount: 2 * TouchedRows.powerOfTwo(atLeast: bytes))
    }
    let words = memory.baseAddress.assumingMemoryBound(to: Int32.self)
    var from = UnsafeMutableBufferPointer(start: words, count: ids.count)
    var to = UnsafeMutableBufferPointer(start: words + ids.count, count: ids.count)
    for number in ids.indices { from[number] = Int32(truncatingIfNeeded: number) }
    for shift in stride(from: 0, to: Int.bitWidth - max(bound - 1, 1).leadingZeroBitCount, by: Self.digitBits) {
      pass(ids, from: UnsafeBufferPointer(from), to: to, shift: shift)
      swap(&from, &to)
    }
    return UnsafeBufferPointer(from)
  }

  private mutating func pass(
    _ ids: UnsafeBufferPointer<Int32>, from: UnsafeBufferPointer<Int32>, to: UnsafeMutableBufferPointer<Int32>,
    shift: Int
  ) {
    let mask = 1 << Self.digitBits - 1
    for digit in starts.indices { starts[digit] = 0 }
    for id in ids { starts[(Int(id) &>> shift) & mask] += 1 }
    RadixPass.turnIntoPlaces(&starts)
    RadixPass.distribute(from, into: to, &starts) { (Int(ids[Int($0)]) &>> shift) & mask }
  }
}
