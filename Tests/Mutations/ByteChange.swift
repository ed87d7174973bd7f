/// Damage to a file that needs no knowledge of what is in it.
enum ByteChange {
  case flipped(offset: Int, bit: Int)
  case cut(size: Int)
  case inserted(offset: Int, count: Int, byte: UInt8)
  case doubled(Range<Int>)
  case filled(Range<Int>, byte: UInt8)

  /// - Parameter size: of the file.
  init(size: Int, _ generator: inout Generator) {
    let offset = Int.random(in: 0..<max(size, 1), using: &generator)
    // Headers are short and lie in front.
    let near = Int.random(in: 0..<max(min(size, 96), 1), using: &generator)
    let length = Int.random(in: 1...64, using: &generator)
    let byte: UInt8 = [0, 0xFF, 0x22, 0x0A, 0x2C, UInt8.random(in: 0...255, using: &generator)].randomElement(
      using: &generator)!
    switch Int.random(in: 0..<7, using: &generator) {
    case 0: self = .flipped(offset: offset, bit: Int.random(in: 0..<8, using: &generator))
    case 1: self = .flipped(offset: near, bit: Int.random(in: 0..<8, using: &generator))
    case 2: self = .cut(size: offset)
    case 3: self = .inserted(offset: offset, count: length, byte: byte)
    case 4: self = .doubled(offset..<min(offset + 16 * length, size))
    case 5: self = .filled(near..<min(near + length % 8 + 1, size), byte: byte)
    default: self = .filled(offset..<min(offset + length, size), byte: byte)
    }
  }

  func applied(to bytes: [UInt8]) -> [UInt8] {
    var changed = bytes
    switch self {
    case .flipped(let offset, let bit): if offset < bytes.count { changed[offset] ^= 1 << UInt8(bit) }
    case .cut(let size): changed = Array(bytes.prefix(size))
    case .inserted(let offset, let count, let byte):
      changed.insert(contentsOf: Array(repeating: byte, count: count), at: offset)
    case .doubled(let range): changed.insert(contentsOf: bytes[range], at: range.upperBound)
    case .filled(let range, let byte): for index in range { changed[index] = byte }
    }
    return changed
  }
}

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed.
struct Generator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }
}
