import Foundation

/// Ids of texts: a hash table over their bytes, made once.
struct ClickVocabulary: @unchecked Sendable {
  // Unchecked: nothing writes to the memory once it is filled.

  private struct Place {
    var hash: UInt64
    var start: UnsafePointer<UInt8>?
    var count: UInt32
    var id: Int32
  }

  private let places: UnsafeMutablePointer<Place>
  private let mask: Int
  private let isEmpty: Bool
  private let bytes: UnsafeMutablePointer<UInt8>

  /// The n-th text gets id n, from 1.
  init(_ texts: [String]) {
    let size = 1 << (Int.bitWidth - max(2 * texts.count, 1).leadingZeroBitCount)
    mask = size - 1
    isEmpty = texts.isEmpty
    places = .allocate(capacity: size)
    places.initialize(repeating: Place(hash: 0, start: nil, count: 0, id: 0), count: size)
    bytes = .allocate(capacity: texts.reduce(1) { $0 + $1.utf8.count })
    var next = bytes
    for (index, text) in texts.enumerated() {
      let start = next
      for byte in text.utf8 {
        next.pointee = byte
        next += 1
      }
      let span = TextSpan(start: UnsafePointer(start), count: next - start)
      let hash = span.hash
      var place = Int(truncatingIfNeeded: hash) & mask
      while places[place].start != nil { place = (place + 1) & mask }
      places[place] = Place(hash: hash, start: span.start, count: UInt32(span.count), id: Int32(index + 1))
    }
  }

  /// Whoever made it says when nobody uses it any more.
  func deallocate() {
    places.deallocate()
    bytes.deallocate()
  }

  /// 0 for what is not listed.
  @inline(__always)
  func id(of text: TextSpan) -> Int32 {
    if isEmpty { return 0 }
    let hash = text.hash
    var place = Int(truncatingIfNeeded: hash) & mask
    while let start = places[place].start {
      if places[place].hash == hash, Int(places[place].count) == text.count, memcmp(start, text.start, text.count) == 0
      {
        return places[place].id
      }
      place = (place &+ 1) & mask
    }
    return 0
  }
}
