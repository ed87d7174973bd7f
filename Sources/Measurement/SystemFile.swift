import Glibc

/// Text files in which Linux tells about itself.
package enum SystemFile {
  /// The first 64 KiB of a file; nil where it cannot be read.
  package static func text(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
  }

  /// The calling thread's number; nil where the system does not tell.
  static var callingThread: Int32? {
    withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
      let count = readlink("/proc/thread-self", buffer.baseAddress!, buffer.count)
      // `1234/task/1235`
      return count > 0 ? Int32(String(decoding: buffer[..<count], as: UTF8.self).split(separator: "/").last ?? "") : nil
    }
  }

  /// Seconds that a core lost to other machines, the mean of all: the eighth figure of the first line (proc(5)).
  package static func stolenSeconds(_ stat: String?, cores: Int = sysconf(Int32(_SC_NPROCESSORS_ONLN))) -> Double {
    let words = stat?.prefix { $0 != "\n" }.split(separator: " ") ?? []
    guard words.count > 8, words[0] == "cpu", let ticks = Double(words[8]), cores > 0 else { return .nan }
    return ticks / Double(sysconf(Int32(_SC_CLK_TCK))) / Double(cores)
  }

  /// Seconds that programs computed on all cores together, the kernel's work for them with it: user, nice and system of the first
  /// line (proc(5)). Interrupts are left out: packets on their way are most often the job's own.
  package static func computedSeconds(_ stat: String?) -> Double {
    let words = stat?.prefix { $0 != "\n" }.split(separator: " ") ?? []
    guard words.count > 3, words[0] == "cpu" else { return .nan }
    let ticks = words[1...3].compactMap { Double($0) }
    return ticks.count == 3 ? ticks.reduce(0, +) / Double(sysconf(Int32(_SC_CLK_TCK))) : .nan
  }

  /// The same number for all processes of a machine, hosts of an emulated cluster with them, and hardly ever for two machines:
  /// from the running kernel's own name. NaN where it has none.
  static let machine: Double = {
    // Small enough to be added up exactly, as figures of intervals are (FNV-1a).
    boot.isEmpty ? .nan : Double(boot.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 })
  }()

  /// The running kernel's own name, which all its hosts share; empty where it has none.
  package static var boot: String { text("/proc/sys/kernel/random/boot_id") ?? "" }

  /// Seconds in which some task waited: `total=` of the line `some`, in microseconds.
  package static func pressureSeconds(_ pressure: String?) -> Double {
    let line = pressure?.split(separator: "\n").first { $0.hasPrefix("some ") }
    let total = line?.split(separator: " ").first { $0.hasPrefix("total=") }?.dropFirst("total=".count)
    return total.flatMap { Double($0) }.map { $0 * 1e-6 } ?? .nan
  }
}
