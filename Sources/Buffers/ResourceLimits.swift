import Glibc

/// Limits that the system sets to a process: setrlimit(2), a shell's `ulimit`.
package enum ResourceLimits {
  /// The remedy where the system gives no memory or no thread, with the limits that are set.
  package static var remedy: String {
    let set = [
      limit(RLIMIT_AS.rawValue).map { "ulimit -v is \($0 >> 10) kB" },
      limit(__RLIMIT_NPROC.rawValue).map { "ulimit -u is \($0) processes and threads" },
    ].compactMap { $0 }
    let found = set.isEmpty ? "" : " (\(set.joined(separator: ", ")))"
    return "raise the limits on memory and processes\(found), start fewer ranks, or use fewer threads"
  }

  /// Where so little is left of what the process may map (`ulimit -v`) that whatever failed may have failed for it, a note of it
  /// for the error, which may be a library's that knows no memory; else nothing.
  package static var noteOfShortage: String {
    guard let left = addressesLeft, left < 16_000_000 else { return "" }
    return "; little memory was left: \(remedy)"
  }

  /// Bytes that this process may still map (`ulimit -v`); nil where no limit is set.
  package static var addressesLeft: Int? {
    limit(RLIMIT_AS.rawValue).map { $0 - pagesMapped * sysconf(Int32(_SC_PAGESIZE)) }
  }

  /// Read without taking memory for it.
  private static var pagesMapped: Int {
    let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return 0 }
    defer { close(file) }
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { text in
      let count = read(file, text.baseAddress, text.count - 1)
      text[max(0, count)] = 0
      return text.baseAddress.map { atol($0) } ?? 0
    }
  }

  /// Nil where there is none.
  private static func limit(_ resource: UInt32) -> Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource), &limit) == 0, limit.rlim_cur < rlim_t(Int.max) else { return nil }
    return Int(limit.rlim_cur)
  }
}
