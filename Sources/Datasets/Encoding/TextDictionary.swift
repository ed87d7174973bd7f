import Foundation

/// A number above 0 for each of many texts, which it keeps: open addressing, 16 bytes for a place, of which at most 70 %
/// are taken, and the bytes of texts longer than eight.
final class TextDictionary: @unchecked Sendable {
  // Unchecked: whoever writes to it has it alone.

  fileprivate struct Place {
    var bits: UInt64 = 0
    var count: UInt32 = 0
    /// 0 where no text is.
    var number: UInt32 = 0

    var key: TextKey { TextKey(bits: bits, count: Int(count)) }
  }

  private(set) var count = 0
  private var places: UnsafeMutableBufferPointer<Place>
  private var blocks: [UnsafeMutablePointer<UInt8>] = []
  private var next: UnsafeMutablePointer<UInt8>?
  private var blockRoom = 0

  private static let blockSize = 1 << 18

  /// - Parameter capacity: texts for which there is room without growing.
  init(capacity: Int = 0) {
    var size = 64
    while Self.isFull(capacity, size) { size *= 2 }
    places = Self.free(size)
  }

  deinit {
    places.deallocate()
    for block in blocks { block.deallocate() }
  }

  /// For many questions to a table that no longer changes; only for as long as the table is there.
  struct Lookup {
    fileprivate let places: UnsafePointer<Place>
    fileprivate let mask: Int

    /// 0 for a text that the table does not hold.
    @inline(__always)
    func number(of key: TextKey) -> UInt32 { places[place(of: key)].number }

    /// Where a text is, or could be put.
    @inline(__always)
    fileprivate func place(of key: TextKey) -> Int {
      var place = Int(truncatingIfNeeded: key.hash) & mask
      while places[place].number > 0, !places[place].key.isSame(as: key) { place = (place &+ 1) & mask }
      return place
    }
  }

  var lookup: Lookup { Lookup(places: UnsafePointer(places.baseAddress!), mask: places.count - 1) }

  /// For a text that is new to it.
  func add(_ key: TextKey, number: UInt32) { add(key, number, at: lookup.place(of: key)) }

  /// Counts a text once more, from 1 up to the largest number.
  @inline(__always)
  func increment(_ key: TextKey) {
    let place = lookup.place(of: key)
    let number = places[place].number
    if number == 0 { return add(key, 1, at: place) }
    if number < .max { places[place].number = number &+ 1 }
  }

  /// In no order. The keys live as long as the table.
  func forEach(_ body: (TextKey, UInt32) -> Void) {
    for place in places where place.number > 0 { body(place.key, place.number) }
  }

  @inline(never)
  private func add(_ key: TextKey, _ number: UInt32, at place: Int) {
    precondition(number > 0 && places[place].number == 0, "a text twice, or the number 0")
    let kept = keep(key)
    places[place] = Place(bits: kept.bits, count: UInt32(key.count), number: number)
    count += 1
    if Self.isFull(count, places.count) { grow() }
  }

  private func keep(_ key: TextKey) -> TextKey {
    guard key.count > TextKey.longestNumber else { return key }
    if key.count > blockRoom || next == nil {
      blockRoom = max(Self.blockSize, key.count)
      let block = UnsafeMutablePointer<UInt8>.allocate(capacity: blockRoom)
      blocks.append(block)
      next = block
    }
    let start = next!
    key.withBytes { UnsafeMutableRawPointer(start).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
    next = start + key.count
    blockRoom -= key.count
    return TextKey(TextSpan(start: start, count: key.count))
  }

  private func grow() {
    let old = places
    places = Self.free(2 * old.count)
    for entry in old where entry.number > 0 { places[lookup.place(of: entry.key)] = entry }
    old.deallocate()
  }

  private static func isFull(_ count: Int, _ places: Int) -> Bool { 10 * count > 7 * places }

  private static func free(_ size: Int) -> UnsafeMutableBufferPointer<Place> {
    let places = UnsafeMutableBufferPointer<Place>.allocate(capacity: size)
    places.initialize(repeating: Place())
    return places
  }
}
