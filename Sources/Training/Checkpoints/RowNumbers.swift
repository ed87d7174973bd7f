import Buffers

/// Numbers of rows, which rise, as bytes: for each how many rows lie between it and the one before, seven bits a byte, the lowest first,
/// with the eighth bit set where more follow. (Unsigned LEB128: DWARF Debugging Information Format 5, section 7.6.) Among rows of which
/// every hundredth is there, one byte for most of them.
package enum RowNumbers {
  /// - Parameter rows: each more than the one before.
  package static func encoded(_ rows: [Int32]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(rows.count + rows.count / 4)
    var next: Int32 = 0
    for row in rows {
      var gap = UInt32(row - next)
      while gap > 0x7F {
        bytes.append(UInt8(truncatingIfNeeded: gap) | 0x80)
        gap >>= 7
      }
      bytes.append(UInt8(gap))
      next = row &+ 1
    }
    return bytes
  }

  /// - Parameter tableRows: all numbers are less.
  /// - Returns: nil where the bytes are no such numbers.
  package static func decoded(_ bytes: [UInt8], tableRows: Int) -> [Int32]? {
    var rows: [Int32] = []
    rows.reserveCapacity(bytes.count)
    var (next, gap, shift) = (0, 0, 0)
    for byte in bytes {
      gap |= Int(byte & 0x7F) << shift
      shift += 7
      guard shift <= 35, next + gap < tableRows else { return nil }
      guard byte & 0x80 == 0 else { continue }
      rows.append(Int32(next + gap))
      (next, gap, shift) = (next + gap + 1, 0, 0)
    }
    return shift == 0 ? rows : nil
  }
}
