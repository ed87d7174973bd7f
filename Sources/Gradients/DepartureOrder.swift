import Buffers

/// The order in which a step's touched rows leave: those whose values are final, then the others; of each, the lower number
/// first. Once it has grown to what steps need, it allocates nothing.
struct DepartureOrder {
  /// Rows that leave first.
  private(set) var early = 0
  private var rows = 0
  private var numberMemory = AlignedMemory(byteCount: 0)
  private var lateMemory = AlignedMemory(byteCount: 0)

  /// The row that leaves at this place.
  subscript(_ place: Int) -> Int { Int(all[place]) }

  /// The rows' numbers, in order.
  var all: UnsafeBufferPointer<Int32> { UnsafeBufferPointer(numbers) }

  /// Those of a stretch of it.
  func numbers(_ places: Range<Int>) -> UnsafeBufferPointer<Int32> { all.extracting(places) }

  /// - Parameter late: the numbers of those that leave later, some perhaps more than once; nil for all.
  mutating func set(rows: Int, late: UnsafeBufferPointer<Int32>?) {
    reserve(rows)
    self.rows = rows
    isLate.update(repeating: late == nil)
    for number in late ?? UnsafeBufferPointer(start: nil, count: 0) { isLate[Int(number)] = true }
    var place = 0
    for wanted in [false, true] {
      if wanted { early = place }
      for number in 0..<rows where isLate[number] == wanted {
        numbers[place] = Int32(truncatingIfNeeded: number)
        place += 1
      }
    }
  }

  private mutating func reserve(_ rows: Int) {
    guard lateMemory.byteCount < rows else { return }
    let room = rows + rows / 8
    numberMemory = AlignedMemory(byteCount: room * MemoryLayout<Int32>.stride)
    lateMemory = AlignedMemory(byteCount: room)
  }

  private var numbers: UnsafeMutableBufferPointer<Int32> {
    .init(start: numberMemory.baseAddress.assumingMemoryBound(to: Int32.self), count: rows)
  }

  private var isLate: UnsafeMutableBufferPointer<Bool> {
    .init(start: lateMemory.baseAddress.assumingMemoryBound(to: Bool.self), count: rows)
  }
}
