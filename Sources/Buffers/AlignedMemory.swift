import Glibc

/// Memory on a 64-byte boundary, zeroed when made, freed with its last owner. Not for small values: an array does.
public final class AlignedMemory: @unchecked Sendable {
  // Unchecked: whoever holds a view says which thread may write, as with any buffer handed between threads.

  /// One cache line, and the widest vector register in use today.
  public static let alignment = 64

  /// Bytes that the processor can map as one page, where the system plays along.
  private static let hugePage = 2 << 20

  /// Bytes from which memory is mapped by itself, and given back to the system at its end.
  private static let leastMapped = 128 << 10

  /// The first byte, on a 64-byte boundary; of memory that is borrowed, wherever its owner put it.
  public let baseAddress: UnsafeMutableRawPointer
  /// Bytes from `baseAddress` on that may be used.
  public let byteCount: Int
  private let owner: AnyObject?
  private let origin: Origin

  /// How it ends.
  private enum Origin {
    case allocated(UnsafeMutableRawPointer)
    case mapped
    case borrowed
  }

  /// Zeroed memory; from 2 MiB on in huge pages, where the system has them. Ends the process with a message where the
  /// system has no memory left.
  public init(byteCount: Int) {
    precondition(byteCount >= 0, "byteCount \(byteCount) is negative")
    let isMapped = byteCount >= Self.leastMapped
    let memory = isMapped ? Self.map(byteCount) : malloc(byteCount + Self.alignment)
    guard let memory else { Self.end(lacking: byteCount) }
    origin = isMapped ? .mapped : .allocated(memory)
    // Not posix_memalign: before glibc 2.38 it takes no block that was freed before it (bug 14581), so that what is made and freed again
    // and again makes the heap grow.
    baseAddress = isMapped ? memory : memory.alignedUp(toMultipleOf: Self.alignment)
    baseAddress.initializeMemory(as: UInt8.self, repeating: 0, count: byteCount)
    self.byteCount = byteCount
    owner = nil
  }

  /// Of the system, on the boundary of a page, or of a huge one where it is as large. nil where there is none.
  private static func map(_ byteCount: Int) -> UnsafeMutableRawPointer? {
    let isLarge = byteCount >= hugePage
    let length = byteCount + (isLarge ? hugePage : 0)
    guard let start = mmap(nil, length, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), start != MAP_FAILED
    else { return nil }
    guard isLarge else { return start }
    let aligned = start.alignedUp(toMultipleOf: hugePage)
    let (before, rest) = (aligned - start, wholePages(byteCount))
    if before > 0 { munmap(start, before) }
    let after = wholePages(length) - before - rest
    if after > 0 { munmap(aligned + rest, after) }
    // Rows of a large table lie anywhere: with pages of 4 KiB most lookups also miss the page tables. Only advice.
    madvise(aligned, byteCount, MADV_HUGEPAGE)
    return aligned
  }

  private static func wholePages(_ byteCount: Int) -> Int {
    let page = Int(getpagesize())
    return (byteCount + page - 1) / page * page
  }

  /// Memory that someone else allocated (a shared window, a mapped file), kept alive by `owner`.
  public init(borrowing baseAddress: UnsafeMutableRawPointer, byteCount: Int, owner: AnyObject) {
    self.baseAddress = baseAddress
    self.byteCount = byteCount
    self.owner = owner
    origin = .borrowed
  }

  deinit {
    switch origin {
    case .allocated(let memory): free(memory)
    case .mapped: munmap(baseAddress, byteCount)
    case .borrowed: break
    }
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
