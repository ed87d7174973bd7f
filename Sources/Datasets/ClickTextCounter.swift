import Foundation

/// How often each text of a field occurs. Memory follows the number of different texts: 24 bytes and the text itself,
/// in a table at most 70 % full.
final class ClickTextCounter: @unchecked Sendable {
  // Unchecked: who adds to it holds the lock.

  private struct Place {
    var hash: UInt64
    var start: UnsafePointer<UInt8>?
    var count: UInt32
    var occurrences: UInt32
  }

  /// A text with its hash.
  struct Entry {
    var text: TextSpan
    var hash: UInt64
  }

  let lock = NSLock()
  private(set) var count = 0
  private var places: UnsafeMutableBufferPointer<Place>
  private var blocks: [UnsafeMutablePointer<UInt8>] = []
  private var blockRoom = 0
  private var next: UnsafeMutablePointer<UInt8>?

  private static var free: Place { Place(hash: 0, start: nil, count: 0, occurrences: 0) }
  private static let blockSize = 1 << 18

  init() {
    places = .allocate(capacity: 64)
    places.initialize(repeating: Self.free)
  }

  deinit {
    places.deallocate()
    for block in blocks { block.deallocate() }
  }

  func add(_ entry: Entry) {
    var place = Int(truncatingIfNeeded: entry.hash) & (places.count - 1)
    while let start = places[place].start {
      if places[place].hash == entry.hash, Int(places[place].count) == entry.text.count,
        memcmp(start, entry.text.start, entry.text.count) == 0
      {
        if places[place].occurrences < .max { places[place].occurrences += 1 }
        return
      }
      place = (place &+ 1) & (places.count - 1)
    }
    places[place] = Place(
      hash: entry.hash, start: keep(entry.text), count: UInt32(entry.text.count), occurrences: 1)
    count += 1
    if 10 * count > 7 * places.count { grow() }
  }

  /// All texts that occur so often, in the order of their bytes; nil where one of them is not UTF-8.
  func texts(minimumCount: Int) -> [String]? {
    let kept = places.filter { $0.start != nil && Int($0.occurrences) >= minimumCount }.sorted { first, second in
      let order = memcmp(first.start!, second.start!, Int(min(first.count, second.count)))
      return order == 0 ? first.count < second.count : order < 0
    }
    var texts: [String] = []
    texts.reserveCapacity(kept.count)
    for place in kept {
      let bytes = UnsafeBufferPointer(start: place.start, count: Int(place.count))
      guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
      texts.append(text)
    }
    return texts
  }

  /// The texts as numbers, which rise, with how often each occurs; texts that are none, the empty one too, are left out.
  var numbers: [(value: Double, occurrences: Int)] {
    places.compactMap { place in
      guard let start = place.start, place.count > 0 else { return nil }
      let value = TextNumber.decimal(TextSpan(start: start, count: Int(place.count)))
      return value.map { ($0, Int(place.occurrences)) }
    }.sorted { $0.value < $1.value }
  }

  private func keep(_ text: TextSpan) -> UnsafePointer<UInt8> {
    if text.count > blockRoom || next == nil {
      blockRoom = max(Self.blockSize, text.count)
      let block = UnsafeMutablePointer<UInt8>.allocate(capacity: blockRoom)
      blocks.append(block)
      next = block
    }
    let start = next!
    start.update(from: text.start, count: text.count)
    next = start + text.count
    blockRoom -= text.count
    return UnsafePointer(start)
  }

  private func grow() {
    let old = places
    places = .allocate(capacity: 2 * old.count)
    places.initialize(repeating: Self.free)
    for entry in old where entry.start != nil {
      var place = Int(truncatingIfNeeded: entry.hash) & (places.count - 1)
      while places[place].start != nil { place = (place &+ 1) & (places.count - 1) }
      places[place] = entry
    }
    old.deallocate()
  }
}
