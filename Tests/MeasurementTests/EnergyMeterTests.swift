import Foundation
import Measurement
import Testing

@Suite("Energy")
struct EnergyMeterTests {
  @Test("Processors are added up, memory and the platform stand beside them, parts and copies are left out")
  func domains() throws {
    let folder = try Counters()
    try folder.set("intel-rapl:0", "package-0", 1_000_000)
    try folder.set("intel-rapl:1", "package-1", 5_000_000)
    try folder.set("intel-rapl:0:0", "core", 300)
    try folder.set("intel-rapl:0:1", "dram", 100)
    try folder.set("intel-rapl:1:0", "dram", 200)
    try folder.set("intel-rapl:2", "psys", 700)
    try folder.set("intel-rapl-mmio:0", "package-0", 1_000_000)
    var meter = EnergyMeter(folder: folder.path)
    meter.start()
    try folder.set("intel-rapl:0", "package-0", 3_000_000)
    try folder.set("intel-rapl:1", "package-1", 5_500_000)
    try folder.set("intel-rapl:0:0", "core", 900_000)
    try folder.set("intel-rapl:0:1", "dram", 500_100)
    try folder.set("intel-rapl:1:0", "dram", 250_200)
    try folder.set("intel-rapl:2", "psys", 4_000_700)
    try folder.set("intel-rapl-mmio:0", "package-0", 3_000_000)
    #expect(meter.energy() == Energy(processors: 2.5, memory: 0.75, platform: 4))
    // From a new start on.
    meter.start()
    #expect(meter.energy() == Energy(processors: 0, memory: 0, platform: 0))
  }

  @Test("A counter that starts again at 0 has gone through its range once, at each look")
  func wrap() throws {
    let folder = try Counters()
    try folder.set("intel-rapl:0", "package-0", 9_000_000, range: 10_000_000)
    var meter = EnergyMeter(folder: folder.path)
    meter.start(now: 0)
    try folder.set("intel-rapl:0", "package-0", 500_000, range: 10_000_000)
    // Not yet: what has gone round twice when it is looked at is told as once.
    meter.lookIfDue(now: 59_000_000_000)
    try folder.set("intel-rapl:0", "package-0", 2_000_000, range: 10_000_000)
    meter.lookIfDue(now: 60_000_000_000)
    try folder.set("intel-rapl:0", "package-0", 1_000_000, range: 10_000_000)
    #expect(meter.energy() == Energy(processors: 12))
  }

  @Test("A counter that falls without a range, or from beyond it, says nothing", arguments: [nil, 8_000_000])
  func fallsWithoutRange(range: Int?) throws {
    let folder = try Counters()
    try folder.set("intel-rapl:0", "package-0", 9_000_000, range: range)
    var meter = EnergyMeter(folder: folder.path)
    meter.start()
    try folder.set("intel-rapl:0", "package-0", 1_000_000, range: range)
    #expect(meter.energy() == nil)
  }

  @Test("Where there are no counters, energy is not known, never 0")
  func absent() throws {
    let folder = try Counters()
    for path in [folder.path, "\(folder.path)/nowhere"] {
      var meter = EnergyMeter(folder: path)
      meter.start()
      meter.lookIfDue()
      #expect(meter.energy() == nil)
    }
    try folder.set("intel-rapl:0", "psys", 1)
    var meter = EnergyMeter(folder: folder.path)
    meter.start()
    #expect(meter.energy() == nil, "a platform's counter alone says nothing of processors")
    #expect(Energy(figures: Energy.figures(nil)[...]) == nil)
  }

  @Test(
    "A counter that nobody may read, or that holds no number, makes all processors unknown", arguments: ["", "?", "-1"])
  func unreadable(text: String) throws {
    let folder = try Counters()
    try folder.set("intel-rapl:0", "package-0", 1)
    try folder.set("intel-rapl:1", "package-1", 1)
    try folder.write(text, to: "intel-rapl:1/energy_uj")
    var meter = EnergyMeter(folder: folder.path)
    meter.start()
    try folder.set("intel-rapl:0", "package-0", 2_000_001)
    #expect(meter.energy() == nil)
    // As refused to others than root: a folder cannot be read by anybody.
    try folder.remove("intel-rapl:1/energy_uj")
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/intel-rapl:1/energy_uj", withIntermediateDirectories: false)
    meter.start()
    #expect(meter.energy() == nil)
  }

  @Test("A counter that goes away in between says nothing, also when it comes back; memory alone leaves the rest known")
  func disappears() throws {
    let folder = try Counters()
    try folder.set("intel-rapl:0", "package-0", 1_000_000)
    try folder.set("intel-rapl:0:0", "dram", 1_000_000)
    var meter = EnergyMeter(folder: folder.path)
    meter.start()
    try folder.remove("intel-rapl:0:0/energy_uj")
    try folder.set("intel-rapl:0", "package-0", 4_000_000)
    #expect(meter.energy() == Energy(processors: 3))
    try folder.remove("intel-rapl:0/energy_uj")
    #expect(meter.energy() == nil)
    try folder.set("intel-rapl:0", "package-0", 5_000_000)
    #expect(meter.energy() == nil)
    meter.start()
    try folder.set("intel-rapl:0", "package-0", 6_000_000)
    #expect(meter.energy() == Energy(processors: 1))
  }

  @Test("Sums are known where all parts are")
  func sums() {
    let (first, second) = (Energy(processors: 1, memory: 2, platform: 4), Energy(processors: 10, memory: 20))
    #expect(Energy(summing: [first, second]) == Energy(processors: 11, memory: 22))
    #expect(Energy(summing: [first, nil]) == nil && Energy(summing: []) == nil)
    for energy in [first, second] { #expect(Energy(figures: Energy.figures(energy)[...]) == energy) }
  }

  @Test("Moments go on as the monotonic clock does, from the system's time")
  func clock() {
    let clock = WallClock()
    let first = clock.now()
    #expect(abs(first - Date().timeIntervalSince1970) < 1)
    #expect(clock.now() >= first)
  }
}

/// A made-up powercap folder, removed with it.
private final class Counters {
  let path = NSTemporaryDirectory() + "lockstep-energy-\(UUID().uuidString)"

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func set(_ counter: String, _ name: String, _ microjoules: Int, range: Int? = 262_143_328_850) throws {
    try FileManager.default.createDirectory(atPath: "\(path)/\(counter)", withIntermediateDirectories: true)
    try write(name, to: "\(counter)/name")
    try write("\(microjoules)", to: "\(counter)/energy_uj")
    if let range { try write("\(range)", to: "\(counter)/max_energy_range_uj") }
  }

  func write(_ text: String, to file: String) throws {
    try Data("\(text)\n".utf8).write(to: URL(fileURLWithPath: "\(path)/\(file)"))
  }

  func remove(_ file: String) throws { try FileManager.default.removeItem(atPath: "\(path)/\(file)") }
}
