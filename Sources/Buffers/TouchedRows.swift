import CVectorMath

/// The distinct table rows that a step touches, numbered from 0 in the order in which they are first seen: the keys of a
/// row-sparse gradient. A hash table whose size follows what is touched, never the size of the table.
///
/// Emptied and filled again every step; once it has grown to what steps need, it allocates nothing.
public final class TouchedRows {
  /// Distinct rows.
  public private(set) var count = 0
  /// One word a place: the row's id in the low half, its number + 1 in the high half, 0 where the place is free. Both in
  /// one word, so that finding a row reads one cache line.
  private var places: AlignedMemory
  private var placeMask: Int
  private var idMemory: AlignedMemory
  private var occurrenceMemory: AlignedMemory
  private var slotMemory = AlignedMemory(byteCount: 0)
  private var slotCount = 0
  private var order = SortingMemory()
  /// Rows were removed: places hold more than there is, and other numbers.
  private var hasRemoved = false

  private static let wordBytes = MemoryLayout<Int32>.stride

  /// - Parameter capacity: rows for which there is room from the start.
  public init(capacity: Int = 1024) {
    let size = Self.powerOfTwo(atLeast: max(capacity, 16))
    idMemory = AlignedMemory(byteCount: size * Self.wordBytes)
    occurrenceMemory = AlignedMemory(byteCount: size * Self.wordBytes)
    places = AlignedMemory(byteCount: 2 * size * MemoryLayout<UInt64>.stride)
    placeMask = 2 * size - 1
  }

  /// Row ids, by number.
  public var ids: UnsafeBufferPointer<Int32> { .init(rebasing: Self.words(idMemory)[..<count]) }

  /// How often each row was touched, by number.
  public var occurrences: UnsafeBufferPointer<Int32> { .init(rebasing: Self.words(occurrenceMemory)[..<count]) }

  /// The numbers of the ids that the last `touch(all:)` brought, in its order.
  public var slots: UnsafeBufferPointer<Int32> { .init(rebasing: Self.words(slotMemory)[..<slotCount]) }

  /// The rows' numbers in the order of their ids.
  ///
  /// - Parameter tableRows: all ids are less.
  public func numbersByID(tableRows: Int) -> UnsafeBufferPointer<Int32> { order.sort(ids, bound: tableRows) }

  /// Forgets all rows, and keeps the memory for the next step.
  public func clear() {
    // Emptying what is filled beats filling all of it, unless most of it is.
    if hasRemoved || count * 8 > placeMask {
      placePointer.update(repeating: 0, count: placeMask + 1)
    } else {
      // The last first: a row's way to its place leads over rows that were there before it, never over later ones.
      let (ids, places, mask) = (ids, placePointer, placeMask)
      for number in stride(from: count - 1, through: 0, by: -1) {
        if number >= Self.distanceAhead {
          lockstep_prefetch_for_writing(places + Self.firstPlace(of: ids[number &- Self.distanceAhead], mask))
        }
        places[Self.place(of: ids[number], in: places, mask)] = 0
      }
    }
    count = 0
    slotCount = 0
    hasRemoved = false
  }

  /// Forgets some rows. Nothing can be touched or found then before `clear`.
  ///
  /// - Parameters:
  ///   - numbers: which rise.
  ///   - move: gets the number of the last row and of the one whose place it takes.
  public func remove(_ numbers: UnsafeBufferPointer<Int32>, move: (_ last: Int, _ number: Int) -> Void) {
    guard !numbers.isEmpty else { return }
    let (rowIDs, occurrences) = (Self.words(idMemory), Self.words(occurrenceMemory))
    for number in numbers.reversed() {
      count -= 1
      guard number < count else { continue }
      rowIDs[Int(number)] = rowIDs[count]
      occurrences[Int(number)] = occurrences[count]
      move(count, Int(number))
    }
    slotCount = 0
    hasRemoved = true
  }

  /// The number of each id; −1 of those that were not touched.
  public func find(_ ids: UnsafeBufferPointer<Int32>, numbers: UnsafeMutablePointer<Int32>) {
    precondition(!hasRemoved, "rows were removed")
    let (places, mask) = (placePointer, placeMask)
    for index in ids.indices {
      let ahead = ids[min(index &+ Self.distanceAhead, ids.count &- 1)]
      lockstep_prefetch_for_writing(places + Self.firstPlace(of: ahead, mask))
      let word = places[Self.place(of: ids[index], in: places, mask)]
      numbers[index] = Int32(truncatingIfNeeded: Int(word &>> 32) &- 1)
    }
  }

  /// Notes every id and its number (`slots`).
  public func touch(all ids: UnsafeBufferPointer<Int32>) {
    precondition(!hasRemoved, "rows were removed")
    if slotMemory.byteCount < ids.count * Self.wordBytes {
      slotMemory = AlignedMemory(byteCount: Self.powerOfTwo(atLeast: ids.count) * Self.wordBytes)
    }
    slotCount = ids.count
    // A stretch may be new rows throughout: room is made before it, so that the loop over it looks after nothing.
    for start in stride(from: 0, to: ids.count, by: Self.stretch) {
      let end = min(start + Self.stretch, ids.count)
      while idMemory.byteCount < (count + end - start) * Self.wordBytes { grow() }
      touch(ids, start..<end)
    }
  }

  /// Ids for which room is made at a time.
  private static let stretch = 1024
  /// How many ids ahead to fetch a place: enough to hide a miss behind the ids between.
  private static let distanceAhead = 16

  /// Everything in local variables: each use of a class's own costs a check of exclusive access.
  private func touch(_ ids: UnsafeBufferPointer<Int32>, _ range: Range<Int>) {
    let (places, mask) = (placePointer, placeMask)
    let (rowIDs, occurrences) = (Self.words(idMemory).baseAddress!, Self.words(occurrenceMemory).baseAddress!)
    let slots = Self.words(slotMemory).baseAddress!
    var count = count
    for index in range {
      let ahead = ids[min(index &+ Self.distanceAhead, ids.count &- 1)]
      lockstep_prefetch_for_writing(places + Self.firstPlace(of: ahead, mask))
      let id = ids[index]
      let place = Self.place(of: id, in: places, mask)
      var number = Int(places[place] &>> 32) &- 1
      if number < 0 {
        number = count
        places[place] = Self.word(id, number)
        rowIDs[number] = id
        occurrences[number] = 0
        count &+= 1
      }
      occurrences[number] &+= 1
      slots[index] = Int32(truncatingIfNeeded: number)
    }
    self.count = count
  }

  /// The number of a row, which is new if the row is.
  public func touch(_ id: Int32, times: Int32) -> Int {
    precondition(!hasRemoved, "rows were removed")
    if count * Self.wordBytes == idMemory.byteCount { grow() }
    let place = Self.place(of: id, in: placePointer, placeMask)
    var number = Int(placePointer[place] &>> 32) - 1
    if number < 0 {
      number = count
      placePointer[place] = Self.word(id, number)
      Self.words(idMemory)[number] = id
      Self.words(occurrenceMemory)[number] = 0
      count += 1
    }
    Self.words(occurrenceMemory)[number] += times
    return number
  }

  /// Counts a row that is there more often.
  public func addOccurrences(_ times: Int32, to number: Int) {
    precondition(number >= 0 && number < count, "row \(number) of \(count)")
    Self.words(occurrenceMemory)[number] += times
  }

  private var placePointer: UnsafeMutablePointer<UInt64> { places.baseAddress.assumingMemoryBound(to: UInt64.self) }

  /// Where an id stands, or would stand: linear probing.
  @inline(__always)
  private static func place(of id: Int32, in places: UnsafeMutablePointer<UInt64>, _ mask: Int) -> Int {
    let key = UInt32(bitPattern: id)
    var place = firstPlace(of: id, mask)
    while places[place] != 0, UInt32(truncatingIfNeeded: places[place]) != key { place = (place &+ 1) & mask }
    return place
  }

  /// Fibonacci hashing: neighbouring ids spread over the whole table.
  @inline(__always)
  private static func firstPlace(of id: Int32, _ mask: Int) -> Int {
    Int(truncatingIfNeeded: (UInt64(UInt32(bitPattern: id)) &* 0x9E37_79B9_7F4A_7C15) &>> 32) & mask
  }

  private func grow() {
    idMemory = Self.doubled(idMemory)
    occurrenceMemory = Self.doubled(occurrenceMemory)
    places = AlignedMemory(byteCount: 2 * places.byteCount)
    placeMask = 2 * placeMask + 1
    for number in 0..<count {
      placePointer[Self.place(of: ids[number], in: placePointer, placeMask)] = Self.word(ids[number], number)
    }
  }

  private static func word(_ id: Int32, _ number: Int) -> UInt64 {
    UInt64(UInt32(bitPattern: id)) | UInt64(truncatingIfNeeded: number + 1) &<< 32
  }

  private static func words(_ memory: AlignedMemory) -> UnsafeMutableBufferPointer<Int32> {
    .init(start: memory.baseAddress.assumingMemoryBound(to: Int32.self), count: memory.byteCount / wordBytes)
  }

  private static func doubled(_ memory: AlignedMemory) -> AlignedMemory {
    let larger = AlignedMemory(byteCount: 2 * memory.byteCount)
    larger.baseAddress.copyMemory(from: memory.baseAddress, byteCount: memory.byteCount)
    return larger
  }

  static func powerOfTwo(atLeast count: Int) -> Int {
    count <= 1 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
  }
}
