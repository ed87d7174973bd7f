import Buffers
import Foundation

/// A part of a mapped file, gone through once: pages that lie behind are given back to the system, so that memory does not
/// follow the file.
struct MappedPart {
  private let memory: AlignedMemory
  /// The bytes that were not taken.
  private(set) var rest: Range<Int>
  private var kept: Int

  private static let mostKept = 8 << 20
  private static let page = sysconf(Int32(_SC_PAGESIZE))

  init(_ memory: AlignedMemory, _ range: Range<Int>) {
    (self.memory, rest, kept) = (memory, range, range.lowerBound)
  }

  /// Where they begin.
  var start: UnsafeMutableRawPointer { memory.baseAddress + rest.lowerBound }

  /// Goes past the next bytes, which stay in memory until the next call at least.
  mutating func take(_ count: Int) {
    precondition(0...rest.count ~= count, "\(count) bytes of \(rest.count)")
    if rest.lowerBound - kept > Self.mostKept {
      let first = kept / Self.page * Self.page
      let end = rest.lowerBound / Self.page * Self.page
      madvise(memory.baseAddress + first, end - first, MADV_DONTNEED)
      kept = end
    }
    rest = rest.lowerBound + count..<rest.upperBound
  }
}
