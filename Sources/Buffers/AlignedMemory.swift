import Glibc

/// Memory on a 64-byte boundary, zeroed when made, freed with its last owner. Not for small values: an array does.
public final class AlignedMemory: @unchecked Sendable {
  // Unchecked: whoever holds a view says which thread may write, as with any buffer handed between threads.

  /// One cache line, and the widest vector register in use today.
  public static let alignment = 64

  /// Bytes that the processor can map as one page, where the system plays along.
  private static let hugePage = 2 << 20

  /// The first byte, on a 64-byte boundary; of memory that is borrowed, wherever its owner put it.
  public let baseAddress: UnsafeMutableRawPointer
  /// Bytes from `baseAddress` on that may be used.
  public let byteCount: Int
  private let owner: AnyObject?
  private let isOwned: Bool

  /// Zeroed memory; from 2 MiB on in huge pages, where the system has them. Ends the process with a message where the
  /// system has no memory left.
  public init(byteCount: Int) {
    precondition(byteCount >= 0, "byteCount \(byteCount) is negative")
    let isLarge = byteCount >= Self.hugePage
    var memory: UnsafeMutableRawPointer?
    posix_memalign(&memory, isLarge ? Self.hugePage : Self.alignment, max(byteCount, 1))
    guard let memory else { Self.end(lacking: byteCount) }
    baseAddress = memory
    // Rows of a large table lie anywhere: with pages of 4 KiB most lookups also miss the page tables. Only advice.
    if isLarge { madvise(baseAddress, byteCount, MADV_HUGEPAGE) }
    baseAddress.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    self.byteCount = byteCount
    owner = nil
    isOwned = true
  }

  /// Memory that someone else allocated (a shared window, a mapped file), kept alive by `owner`.
  public init(borrowing baseAddress: UnsafeMutableRawPointer, byteCount: Int, owner: AnyObject) {
    self.baseAddress = baseAddress
    self.byteCount = byteCount
    self.owner = owner
    isOwned = false
  }

  deinit {
    if isOwned { free(baseAddress) }
  }

  /// The memory that a run needs is looked at before it starts, so this is left for memory that somebody else took
  /// since. Whoever needs it has nothing to do without it, and what lacks memory cannot say so to other ranks: the
  /// process ends with a word, and the launcher ends the others.
  private static func end(lacking byteCount: Int) -> Never {
    var text = "lockstep: no memory for \((byteCount + 999_999) / 1_000_000) MB more: \(ResourceLimits.remedy)\n"
    text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    _exit(1)
  }
}
