import Glibc

/// Memory on a 64-byte boundary, zeroed when made, freed with its last owner. Not for small values: an array does.
public final class AlignedMemory: @unchecked Sendable {
  // Unchecked: whoever holds a view says which thread may write, as with any buffer handed between threads.

  /// One cache line, and the widest vector register in use today.
  public static let alignment = 64

  /// What the processor can map as one page, where the system plays along.
  private static let hugePage = 2 << 20

  public let baseAddress: UnsafeMutableRawPointer
  public let byteCount: Int
  private let owner: AnyObject?
  private let isOwned: Bool

  public init(byteCount: Int) {
    precondition(byteCount >= 0, "byteCount \(byteCount) is negative")
    let isLarge = byteCount >= Self.hugePage
    baseAddress = Self.allocate(byteCount, alignment: isLarge ? Self.hugePage : Self.alignment)
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

  /// What a run needs is looked at before it starts, so this fails only where somebody else took the memory since; no
  /// caller could go on.
  private static func allocate(_ byteCount: Int, alignment: Int) -> UnsafeMutableRawPointer {
    var address: UnsafeMutableRawPointer?
    let status = posix_memalign(&address, alignment, max(byteCount, 1))
    guard status == 0, let address else {
      let words =
        "lockstep: the system has no \(byteCount) bytes of memory to give: start fewer ranks on a node, use a smaller "
        + "microBatch or model, or raise the limit (ulimit -v)\n"
      write(STDERR_FILENO, words, words.utf8.count)
      exit(1)
    }
    return address
  }
}
