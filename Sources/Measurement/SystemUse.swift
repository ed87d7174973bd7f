import Glibc

/// Counters of the system about this process and its machine, of which differences are of use. Files that are not there (in
/// containers, on kernels made without them) make a figure that is not known, never 0.
struct SystemUse {
  private let thread = ThreadUsage.now()
  private let waits = Self.threadWaits()
  /// The calling thread's, in the same files.
  private let own = SystemFiles.callingThread
  private let stolen = SystemFiles.stolenSeconds(SystemFiles.text("/proc/stat"))
  private let pressure = SystemFiles.pressureSeconds(SystemFiles.text("/proc/pressure/cpu"))

  /// Differences in a fixed order, to be gathered over ranks and handed to `Disturbance(ranks:)`: NaN where not known.
  func figures(since before: SystemUse) -> [Double] {
    let used = thread.since(before.thread)
    return [
      waited(since: before), stolen - before.stolen, pressure - before.pressure, used.cpuSeconds,
      used.involuntarySwitches,
    ]
  }

  /// Of the threads that computed at least half as long as the calling one, the longest; without the time of the process's other
  /// threads, readers of data above all, which may have had that core and are its own.
  private func waited(since before: SystemUse) -> Double {
    func difference(_ thread: Int32) -> ThreadWait? {
      waits[thread].map { $0.since(before.waits[thread] ?? ThreadWait(computed: 0, waited: 0)) }
    }
    guard let mine = own.flatMap(difference) else { return .nan }
    let all = waits.keys.compactMap(difference)
    let computing = all.filter { 2 * $0.computed >= mine.computed }
    let own = all.filter { 2 * $0.computed < mine.computed }.reduce(0) { $0 + $1.computed }
    return max(0, (computing.map(\.waited).max() ?? 0) - own)
  }

  private static func threadWaits() -> [Int32: ThreadWait] {
    let folder = "/proc/self/task"
    guard let directory = opendir(folder) else { return [:] }
    defer { closedir(directory) }
    var waits: [Int32: ThreadWait] = [:]
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard let thread = Int32(name) else { continue }
      waits[thread] = ThreadWait(schedstat: SystemFiles.text("\(folder)/\(name)/schedstat"))
    }
    return waits
  }
}

/// A thread's time on a processor and ready without one, in seconds: `schedstat` in proc(5).
package struct ThreadWait: Equatable {
  package var computed: Double
  package var waited: Double

  package init(computed: Double, waited: Double) {
    self.computed = computed
    self.waited = waited
  }

  /// nil where the file is not there, or switched off and full of zeros.
  package init?(schedstat: String?) {
    let numbers = schedstat?.split(whereSeparator: \.isWhitespace).map { Double($0) } ?? []
    guard numbers.count == 3, let computed = numbers[0], let waited = numbers[1], computed > 0 else { return nil }
    self.init(computed: computed * 1e-9, waited: waited * 1e-9)
  }

  func since(_ before: ThreadWait) -> ThreadWait {
    ThreadWait(computed: computed - before.computed, waited: waited - before.waited)
  }
}

/// What the kernel's text files say.
package enum SystemFiles {
  /// The first kilobytes of a file; nil where it cannot be read.
  static func text(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      return count > 0 ? String(decoding: buffer[..<count], as: UTF8.self) : nil
    }
  }

  /// Its number; nil where the system does not tell.
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

  /// Seconds in which some task waited: `total=` of the line `some`, in microseconds.
  package static func pressureSeconds(_ pressure: String?) -> Double {
    let line = pressure?.split(separator: "\n").first { $0.hasPrefix("some ") }
    let total = line?.split(separator: " ").first { $0.hasPrefix("total=") }?.dropFirst("total=".count)
    return total.flatMap { Double($0) }.map { $0 * 1e-6 } ?? .nan
  }
}
