import Buffers

/// A piece of text in memory that someone else holds.
struct TextSpan: @unchecked Sendable {
  // Unchecked: whoever holds the memory says who may touch it.

  var start: UnsafePointer<UInt8>
  var count: Int

  nonisolated(unsafe) private static let emptyByte = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
  static var empty: TextSpan { TextSpan(start: emptyByte, count: 0) }

  init(start: UnsafePointer<UInt8>, count: Int) {
    self.start = start
    self.count = count
  }

  init(_ bytes: UnsafeRawBufferPointer) {
    start = bytes.baseAddress.map { $0.assumingMemoryBound(to: UInt8.self) } ?? UnsafePointer(Self.emptyByte)
    count = bytes.count
  }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: start, count: count) }

  /// FNV-1a with 64 bits, and MurmurHash3's `fmix64` over it, so that every bit of the text reaches every bit of the
  /// hash. `docs/click-format.md` states it for other programs.
  @inline(__always)
  var hash: UInt64 {
    var hash = FNV1a.start
    for index in 0..<count { hash = FNV1a.hash(hash, start[index]) }
    hash = (hash ^ (hash &>> 33)) &* 0xFF51_AFD7_ED55_8CCD
    hash = (hash ^ (hash &>> 33)) &* 0xC4CE_B9FE_1A85_EC53
    return hash ^ (hash &>> 33)
  }

  /// For errors: what a person can read of it.
  var excerpt: String {
    let shown = String(decoding: UnsafeRawBufferPointer(start: start, count: min(count, 40)), as: UTF8.self)
    // Nothing in it may move a terminal's cursor or change its colours. What joins the texts of a cross is as in its name.
    let isControl = { (scalar: Unicode.Scalar) in
      [.control, .lineSeparator].contains(scalar.properties.generalCategory)
    }
    return String(String.UnicodeScalarView(shown.unicodeScalars.map { $0 == "\n" ? "*" : isControl($0) ? "?" : $0 }))
      + (count > 40 ? "…" : "")
  }
}
