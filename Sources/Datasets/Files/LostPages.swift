import Foundation
import Synchronization

/// Order where a mapped file becomes shorter, or its disk fails, while it is in use. The system then sends SIGBUS to
/// the thread that reads a page which is no longer there. The handler puts zeros in the place of that page and of all
/// behind it, notes whose they were, and lets the thread go on: whoever read asks `requireNone()` before the values are
/// used, and gets an error like any other.
///
/// The one signal handler of this program (see docs/decisions): it runs only on a thread that reads mapped data itself,
/// which oneDNN never does, and does nothing but look at memory and call the system.
enum LostPages {
  /// A mapping. Never freed, but used again: the handler may look at it at any time.
  private struct Entry: ~Copyable {
    /// 0 where nothing is mapped.
    let start = Atomic<UInt>(0)
    let end = Atomic<UInt>(0)
    let next: UnsafeMutablePointer<Entry>?
  }

  /// The first of all entries.
  nonisolated(unsafe) private static let entries = Atomic<UnsafeMutablePointer<Entry>?>(nil)
  /// Where the mapping begins that lost a page; 0 while there is none.
  private static let lost = Atomic<UInt>(0)
  /// The mapped files, by where they begin. For all but the handler.
  private static let files = Mutex<[UInt: MappedFile.Identity]>([:])
  /// Whoever handled SIGBUS before.
  nonisolated(unsafe) private static let earlier = {
    let action = UnsafeMutablePointer<sigaction>.allocate(capacity: 1)
    action.initialize(to: sigaction())
    return action
  }()

  static func watch(_ address: UnsafeMutableRawPointer, _ file: MappedFile.Identity) {
    let start = UInt(bitPattern: address)
    files.withLock { files in
      if entries.load(ordering: .relaxed) == nil { listen() }
      files[start] = file
      let entry = entry(at: 0) ?? newEntry()
      entry.pointee.end.store(start + UInt(file.byteCount), ordering: .relaxed)
      entry.pointee.start.store(start, ordering: .releasing)
    }
  }

  /// To be called before the memory is unmapped.
  static func forget(_ address: UnsafeMutableRawPointer) {
    let start = UInt(bitPattern: address)
    files.withLock { files in
      entry(at: start)?.pointee.start.store(0, ordering: .releasing)
      // The error may still have to name it.
      if lost.load(ordering: .relaxed) != start { files[start] = nil }
    }
  }

  /// - Throws: `DatasetError` where some mapped file had less to read than when it was opened.
  @inline(__always)
  static func requireNone() throws {
    let start = lost.load(ordering: .relaxed)
    if start != 0 { throw files.withLock { error($0[start]?.path ?? "a data file") } }
  }

  /// Looks at all mapped files: one that ends within a page as before raises no signal, the rest of the page is zeros.
  ///
  /// - Throws: `DatasetError` where one is shorter than when it was opened.
  static func requireWholeFiles() throws {
    let cut = files.withLock { files in files.values.first { $0.isCutNow } }
    if let cut { throw error(cut.path) }
  }

  private static func error(_ path: String) -> DatasetError {
    DatasetError(
      file: path,
      "the file became shorter, or could no longer be read, while it was in use: make it again, and leave it alone")
  }

  private static func entry(at start: UInt) -> UnsafeMutablePointer<Entry>? {
    var entry = entries.load(ordering: .acquiring)
    while let found = entry, found.pointee.start.load(ordering: .acquiring) != start { entry = found.pointee.next }
    return entry
  }

  private static func newEntry() -> UnsafeMutablePointer<Entry> {
    let entry = UnsafeMutablePointer<Entry>.allocate(capacity: 1)
    entry.initialize(to: Entry(next: entries.load(ordering: .relaxed)))
    entries.store(entry, ordering: .releasing)
    return entry
  }

  private static func listen() {
    var action = sigaction()
    action.__sigaction_handler.sa_sigaction = { _, facts, _ in
      LostPages.handle(UInt(bitPattern: facts?.pointee._sifields._sigfault.si_addr))
    }
    action.sa_flags = SA_SIGINFO
    precondition(pageSize > 0, "a system without pages")
    sigaction(SIGBUS, &action, earlier)
  }

  /// On the thread that read.
  private static func handle(_ address: UInt) {
    var entry = entries.load(ordering: .acquiring)
    while let found = entry {
      let start = found.pointee.start.load(ordering: .acquiring)
      let end = found.pointee.end.load(ordering: .relaxed)
      if start != 0, start <= address, address < end { return fill(from: address, to: end, of: start) }
      entry = found.pointee.next
    }
    // Not ours: the same will happen once more, with whoever handled it before.
    sigaction(SIGBUS, earlier, nil)
  }

  private static func fill(from address: UInt, to end: UInt, of start: UInt) {
    let page = address & ~UInt(pageSize - 1)
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED
    let memory = mmap(UnsafeMutableRawPointer(bitPattern: page), Int(end - page), PROT_READ, flags, -1, 0)
    lost.store(start, ordering: .releasing)
    if memory == MAP_FAILED { sigaction(SIGBUS, earlier, nil) }
  }

  /// Found out before the handler needs it.
  private static let pageSize = sysconf(Int32(_SC_PAGESIZE))
}

extension MappedFile {
  /// A file as it was when it was mapped.
  struct Identity: Sendable {
    var path: String
    var byteCount: Int
    var device: UInt
    var inode: UInt

    init(_ path: String, _ facts: stat) {
      self.path = path
      byteCount = Int(facts.st_size)
      device = UInt(facts.st_dev)
      inode = UInt(facts.st_ino)
    }

    /// Another file that has taken its name leaves the mapped one as it was.
    var isCutNow: Bool {
      var facts = stat()
      guard stat(path, &facts) == 0, UInt(facts.st_dev) == device, UInt(facts.st_ino) == inode else { return false }
      return facts.st_size < byteCount
    }
  }
}
