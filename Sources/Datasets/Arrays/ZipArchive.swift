import Buffers
import Foundation

/// The members of a zip archive, such as NumPy's .npz, by its directory (PKWARE's APPNOTE, with the 64-bit forms); zlib
/// unpacks them.
struct ZipArchive {
  struct Member {
    let name: String
    /// Where it lies in the file, packed or not.
    let range: Range<Int>
    let isPacked: Bool
    /// Unpacked.
    let byteCount: Int
    let checksum: UInt32
  }

  static let signature: [UInt8] = [0x50, 0x4B, 0x03, 0x04]

  let path: String
  let memory: AlignedMemory
  let members: [Member]

  init(_ memory: AlignedMemory, _ path: String) throws {
    let file = ZipBytes(bytes: memory.bytes, path: path)
    let directory = try Self.directory(file)
    var members: [Member] = []
    var place = directory.start
    for _ in 0..<directory.count {
      let (member, next) = try Self.member(file, at: place)
      members.append(member)
      place = next
    }
    (self.path, self.memory, self.members) = (path, memory, members)
  }

  /// - Parameter error: makes an error of a problem with the member.
  func open(_ member: Member, error: @escaping (String) -> DatasetError) throws -> any ArrayBytes {
    guard member.isPacked else { return MappedBytes(memory, member.range, checksum: member.checksum, error: error) }
    return try InflatedBytes(
      memory, member.range, byteCount: member.byteCount, checksum: member.checksum, error: error)
  }

  private static let endSize = 22
  /// In place of what 32 or 16 bits do not hold.
  private static let (full32, full16) = (0xFFFF_FFFF, 0xFFFF)

  /// Where the directory begins, and how many members it names. Behind it the file ends, but for a comment.
  private static func directory(_ file: ZipBytes) throws -> (start: Int, count: Int) {
    let last = file.bytes.count - endSize
    var end = last
    while end >= max(0, last - full16), try file.word32(end) != 0x0605_4B50 { end -= 1 }
    guard end >= max(0, last - full16) else { throw file.error("has no directory at its end") }
    let (count, start) = (try file.word16(end + 10), try file.word32(end + 16))
    guard count == full16 || start == full32 else { return (start, count) }
    guard end >= 20, try file.word32(end - 20) == 0x0706_4B50 else { return (start, count) }
    let long = try file.word64(end - 12)
    guard try file.word32(long) == 0x0606_4B50 else { throw file.error("has no directory where it should be") }
    return (try file.word64(long + 48), try file.word64(long + 32))
  }

  private static func member(_ file: ZipBytes, at place: Int) throws -> (Member, next: Int) {
    guard try file.word32(place) == 0x0201_4B50 else { throw file.error("has a directory that breaks off") }
    let (flags, method) = (try file.word16(place + 8), try file.word16(place + 10))
    let sizes = (
      name: try file.word16(place + 28), extra: try file.word16(place + 30), note: try file.word16(place + 32)
    )
    let name = String(decoding: try file.part(place + 46, sizes.name), as: UTF8.self)
    var values = (
      unpacked: try file.word32(place + 24), packed: try file.word32(place + 20), start: try file.word32(place + 42)
    )
    let extra = place + 46 + sizes.name
    if var long = try longNumbers(file, extra..<extra + sizes.extra) {
      for value in [\(unpacked: Int, packed: Int, start: Int).unpacked, \.packed, \.start]
      where values[keyPath: value] == full32 {
        values[keyPath: value] = try file.word64(long)
        long += 8
      }
    }
    guard flags & 1 == 0, method == 0 || method == 8 else {
      throw file.error("holds '\(name.shown)' encrypted or packed by other means than deflate, which is not read")
    }
    guard try file.word32(values.start) == 0x0403_4B50 else {
      throw file.error("has no '\(name.shown)' where it should be")
    }
    let first = values.start + 30 + (try file.word16(values.start + 26)) + (try file.word16(values.start + 28))
    _ = try file.part(first, values.packed)
    guard method == 8 || values.packed == values.unpacked else { throw file.error("has two sizes of '\(name.shown)'") }
    let member = Member(
      name: name, range: first..<first + values.packed, isPacked: method == 8, byteCount: values.unpacked,
      checksum: UInt32(try file.word32(place + 16)))
    return (member, extra + sizes.extra + sizes.note)
  }

  /// Where the 64-bit numbers of a member begin; nil where it has none.
  private static func longNumbers(_ file: ZipBytes, _ extra: Range<Int>) throws -> Int? {
    var place = extra.lowerBound
    while place + 4 <= extra.upperBound {
      if try file.word16(place) == 1 { return place + 4 }
      place += 4 + (try file.word16(place + 2))
    }
    return nil
  }
}

/// Little-endian numbers of an archive, each checked to lie in it.
private struct ZipBytes {
  let bytes: UnsafeRawBufferPointer
  let path: String

  func error(_ problem: String) -> DatasetError {
    DatasetError(file: path, "the zip archive \(problem): copy it, or make it again")
  }

  func part(_ offset: Int, _ count: Int) throws -> UnsafeRawBufferPointer {
    guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else {
      throw error("is cut short")
    }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  func word16(_ offset: Int) throws -> Int {
    Int(UInt16(littleEndian: try part(offset, 2).loadUnaligned(as: UInt16.self)))
  }
  func word32(_ offset: Int) throws -> Int {
    Int(UInt32(littleEndian: try part(offset, 4).loadUnaligned(as: UInt32.self)))
  }
  func word64(_ offset: Int) throws -> Int {
    let word = UInt64(littleEndian: try part(offset, 8).loadUnaligned(as: UInt64.self))
    guard let number = Int(exactly: word), number < 1 << 60 else { throw error("is cut short") }
    return number
  }
}
