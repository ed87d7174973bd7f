import Glibc

/// Counters of the system about this process and its machine, of which differences are of use. Files that are not there (in
/// containers, on kernels made without them) make a figure that is not known, never 0.
struct SystemUse {
  private let thread = ThreadUsage.now()
  private let waits = Self.threadWaits()
  /// The calling thread's, in the same files.
  private let own = SystemFile.callingThread
  private let stolen: Double
  /// Of all programs on the machine.
  private let computed: Double
  private let process = ProcessUsage.cpuSeconds()
  private let pressure = SystemFile.pressureSeconds(SystemFile.text("/proc/pressure/cpu"))

  init() {
    let stat = SystemFile.text("/proc/stat")
    stolen = SystemFile.stolenSeconds(stat)
    computed = SystemFile.computedSeconds(stat)
  }

  /// Differences in a fixed order, to be gathered over ranks and handed to `Disturbance(ranks:)`: NaN where not known.
  func figures(since before: SystemUse) -> [Double] {
    let used = thread.since(before.thread)
    return [
      waited(since: before), stolen - before.stolen, pressure - before.pressure, used.cpuSeconds,
      used.involuntarySwitches, computed - before.computed, process - before.process, SystemFile.machine,
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
      waits[thread] = ThreadWait(schedstat: SystemFile.text("\(folder)/\(name)/schedstat"))
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
