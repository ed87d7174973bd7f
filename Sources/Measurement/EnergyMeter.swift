import Glibc

/// Adds up what this machine's energy counters say from a start on. For one process of a machine: they are the machine's.
///
/// Counters start again at 0 once they have reached their range, of which one falling reading tells one time. So it must be read
/// before a counter can have gone round once: `lookIfDue` does so every minute, in which a counter of the usual 262 kJ would have
/// to see 4.3 kW, one of the 65 kJ that memory has on some processors 1 kW. A single step longer than a minute is read at its end: its
/// energy is right as long as it is less than the range.
package struct EnergyMeter {
  /// Kinds of counters that are not part of each other, but for `platform`, which holds the others and is never added to them.
  fileprivate enum Domain: CaseIterable { case processors, memory, platform }

  fileprivate struct Counter {
    let domain: Domain
    /// In microjoules.
    let file: String
    let range: Double?
    /// Of the last look; nil where it could not be read.
    var reading: Double?
  }

  /// Where Linux has them: `Documentation/power/powercap/powercap.rst`.
  package static let usualFolder = "/sys/class/powercap"
  private static let nanosecondsBetweenLooks: UInt64 = 60_000_000_000

  private var counters: [Counter]
  /// In joules since the start; nil where a reading is missing or none is counted.
  private var sums: [Domain: Double] = [:]
  private var lastLook: UInt64 = 0

  /// Finds the counters; there are none where the system has none or does not show them. They must be started before they are
  /// asked.
  package init(folder: String = Self.usualFolder) {
    counters = Self.names(in: folder).compactMap { Counter(folder: "\(folder)/\($0)") }
  }

  /// A meter that counts nothing, and knows nothing.
  package static let none = EnergyMeter(counters: [])

  private init(counters: [Counter]) { self.counters = counters }

  /// From here on.
  package mutating func start(now: UInt64 = MonotonicClock.now()) {
    sums = Dictionary(counters.map { ($0.domain, 0) }) { first, _ in first }
    for index in counters.indices { counters[index].reading = Self.reading(counters[index].file) }
    lastLook = now
  }

  /// To be called often: reads the counters once a minute.
  package mutating func lookIfDue(now: @autoclosure () -> UInt64 = MonotonicClock.now()) {
    guard !counters.isEmpty else { return }
    let now = now()
    if now - lastLook >= Self.nanosecondsBetweenLooks { look(now: now) }
  }

  /// Since the start; nil where a processor's counter could not be read at some time, or there is none.
  package mutating func energy(now: UInt64 = MonotonicClock.now()) -> Energy? {
    look(now: now)
    return sums[.processors].map { Energy(processors: $0, memory: sums[.memory], platform: sums[.platform]) }
  }

  private mutating func look(now: UInt64) {
    lastLook = now
    for index in counters.indices {
      let before = counters[index].reading
      counters[index].reading = Self.reading(counters[index].file)
      let used = counters[index].used(since: before)
      let domain = counters[index].domain
      sums[domain] = sums[domain].flatMap { sum in used.map { sum + $0 } }
    }
  }

  /// nil where it is not there any more, or not for everybody to read.
  private static func reading(_ file: String) -> Double? {
    SystemFile.text(file).flatMap { UInt64($0.trimmed) }.map { Double($0) }
  }

  /// Of counters and of parts of them, in the order of their names. Those of `intel-rapl-mmio` count the same again.
  private static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name.hasPrefix("intel-rapl:") { names.append(name) }
    }
    return names.sorted()
  }
}

extension EnergyMeter.Counter {
  /// nil where it counts a part of what another one counts: the cores or the graphics of a processor.
  fileprivate init?(folder: String) {
    guard let name = SystemFile.text("\(folder)/name")?.trimmed, let domain = EnergyMeter.Domain(name) else {
      return nil
    }
    let range = SystemFile.text("\(folder)/max_energy_range_uj").flatMap { UInt64($0.trimmed) }
    self.init(domain: domain, file: "\(folder)/energy_uj", range: range.map { Double($0) }, reading: nil)
  }

  /// In joules, at most one start at 0 between the readings; nil where that cannot be told.
  fileprivate func used(since before: Double?) -> Double? {
    guard let before, let reading else { return nil }
    if reading >= before { return (reading - before) * 1e-6 }
    guard let range, range >= before else { return nil }
    return (range - before + reading) * 1e-6
  }
}

extension EnergyMeter.Domain {
  /// Of a counter's name: `package-0`, `package-1-die-0`, `dram`, `psys`.
  fileprivate init?(_ name: String) {
    switch name {
    case _ where name.hasPrefix("package"): self = .processors
    case "dram": self = .memory
    case "psys": self = .platform
    default: return nil
    }
  }
}

extension String {
  /// Without blanks and line ends around it.
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
