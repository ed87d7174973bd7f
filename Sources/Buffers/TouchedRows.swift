/// The distinct table rows that a step touches, numbered from 0 in the order in which they are first seen: the keys of a
/// row-sparse gradient. A hash table whose size follows what is touched, never the size of the table.
///
/// Emptied and filled again every step; once it has grown to what steps need, it allocates nothing.
public final class TouchedRows {
  /// Distinct rows.
  public private(set) var count = 0
  private var places: AlignedMemory
  private var placeMask: Int
  private var idMemory: AlignedMemory
  private var occurrenceMemory: AlignedMemory
  private var slotMemory = AlignedMemory(byteCount: 0)
  private var slotCount = 0

  private static let free: Int32 = -1
  private static let wordBytes = MemoryLayout<Int32>.stride

  /// - Parameter capacity: rows for which there is room from the start.
  public init(capacity: Int = 1024) {
    let size = Self.powerOfTwo(atLeast: max(capacity, 16))
    idMemory = AlignedMemory(byteCount: size * Self.wordBytes)
    occurrenceMemory = AlignedMemory(byteCount: size * Self.wordBytes)
    places = AlignedMemory(byteCount: 2 * size * Self.wordBytes)
    placeMask = 2 * size - 1
    Self.words(places).update(repeating: Self.free)
  }

  /// Row ids, by number.
  public var ids: UnsafeBufferPointer<Int32> { .init(rebasing: Self.words(idMemory)[..<count]) }

  /// How often each row was touched, by number.
  public var occurrences: UnsafeBufferPointer<Int32> { .init(rebasing: Self.words(occurrenceMemory)[..<count]) }

  /// The numbers of the ids that the last `touch(all:)` brought, in its order.
  public var slots: UnsafeBufferPointer<Int32> { .init(rebasing: Self.words(slotMemory)[..<slotCount]) }

  public func clear() {
    // Emptying what is filled beats filling all of it, unless most of it is.
    if count * 8 > placeMask {
      Self.words(places).update(repeating: Self.free)
    } else {
      let places = Self.words(places)
      for number in 0..<count { places[place(of: ids[number])] = Self.free }
    }
    count = 0
    slotCount = 0
  }

  /// Notes every id and its number (`slots`).
  public func touch(all ids: UnsafeBufferPointer<Int32>) {
    if slotMemory.byteCount < ids.count * Self.wordBytes {
      slotMemory = AlignedMemory(byteCount: Self.powerOfTwo(atLeast: ids.count) * Self.wordBytes)
    }
    let slots = Self.words(slotMemory)
    for index in ids.indices { slots[index] = Int32(truncatingIfNeeded: touch(ids[index], times: 1)) }
    slotCount = ids.count
  }

  /// The number of a row, which is new if the row is.
  public func touch(_ id: Int32, times: Int32) -> Int {
    let place = place(of: id)
    var number = Int(Self.words(places)[place])
    if number < 0 {
      if count * Self.wordBytes == idMemory.byteCount {
        grow()
        return touch(id, times: times)
      }
      number = count
      Self.words(places)[place] = Int32(truncatingIfNeeded: number)
      Self.words(idMemory)[number] = id
      Self.words(occurrenceMemory)[number] = 0
      count += 1
    }
    Self.words(occurrenceMemory)[number] += times
    return number
  }

  /// Where an id's number stands, or would stand: linear probing.
  @inline(__always)
  private func place(of id: Int32) -> Int {
    let places = Self.words(places)
    let ids = Self.words(idMemory)
    // Fibonacci hashing: neighbouring ids spread over the whole table.
    var place = Int(truncatingIfNeeded: (UInt64(UInt32(bitPattern: id)) &* 0x9E37_79B9_7F4A_7C15) &>> 32) & placeMask
    while places[place] >= 0, ids[Int(places[place])] != id { place = (place &+ 1) & placeMask }
    return place
  }

  private func grow() {
    idMemory = Self.doubled(idMemory)
    occurrenceMemory = Self.doubled(occurrenceMemory)
    places = AlignedMemory(byteCount: 2 * idMemory.byteCount)
    placeMask = places.byteCount / Self.wordBytes - 1
    Self.words(places).update(repeating: Self.free)
    for number in 0..<count { Self.words(places)[place(of: ids[number])] = Int32(number) }
  }

  private static func words(_ memory: AlignedMemory) -> UnsafeMutableBufferPointer<Int32> {
    .init(start: memory.baseAddress.assumingMemoryBound(to: Int32.self), count: memory.byteCount / wordBytes)
  }

  private static func doubled(_ memory: AlignedMemory) -> AlignedMemory {
    let larger = AlignedMemory(byteCount: 2 * memory.byteCount)
    larger.baseAddress.copyMemory(from: memory.baseAddress, byteCount: memory.byteCount)
    return larger
  }

  private static func powerOfTwo(atLeast count: Int) -> Int {
    count <= 1 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
  }
}
