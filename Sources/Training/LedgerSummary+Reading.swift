import Configuration
import Measurement
import Statistics

private enum SpreadKey: String, SectionKey { case minimum, median, maximum }

extension Spread {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<SpreadKey>(node)
    self.init(
      minimum: try section.required(.minimum).number(.amount), median: try section.required(.median).number(.amount),
      maximum: try section.required(.maximum).number(.amount))
    guard minimum <= median, median <= maximum else {
      throw node.error("\(node.path) must rise from minimum to median to maximum")
    }
  }
}

extension Spread {
  /// Of a run that may have diverged.
  static func ofFigures(_ node: ConfigurationNode) throws -> Spread {
    let section = try Section<SpreadKey>(node)
    return Spread(
      minimum: try section.required(.minimum).figure(), median: try section.required(.median).figure(),
      maximum: try section.required(.maximum).figure())
  }
}

private enum LedgerKey: String, SectionKey {
  case phases, elapsed, exchangeTotal, exchangeExposed, exchangedBytes, exchangedMessages, cpuSeconds, peakMemoryBytes
  case steps, samples, tables, useful, disturbance
}

extension LedgerSummary {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<LedgerKey>(node)
    func spread(_ key: LedgerKey) throws -> Spread { try Spread(try section.required(key)) }
    func amount(_ key: LedgerKey) throws -> Int { try section.required(key).whole(in: ConfigurationNode.amounts) }
    self.init(
      phases: try Self.phases(try section.required(.phases)), elapsed: try spread(.elapsed),
      exchangeTotal: try spread(.exchangeTotal), exchangeExposed: try spread(.exchangeExposed),
      exchangedBytes: try amount(.exchangedBytes), exchangedMessages: try amount(.exchangedMessages),
      cpuSeconds: try spread(.cpuSeconds), peakMemoryBytes: try spread(.peakMemoryBytes), steps: try amount(.steps),
      samples: try amount(.samples))
    tables = try section.optional(.tables).map(TableTrafficSummary.init)
    useful = try section.optional(.useful).map(UsefulTime.init)
    disturbance = try section.optional(.disturbance).map(Disturbance.init)
  }

  private static func phases(_ node: ConfigurationNode) throws -> [String: Spread] {
    let known = Phase.allCases.map(\.name)
    var phases: [String: Spread] = [:]
    for entry in try node.entries() {
      guard known.contains(entry.key) else {
        throw entry.value.error(
          "\(entry.value.path): there is no such phase: known are \(known.joined(separator: ", "))")
      }
      phases[entry.key] = try Spread(entry.value)
    }
    return phases
  }
}

private enum UsefulKey: String, SectionKey { case mean, maximum }

extension LedgerSummary.UsefulTime {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<UsefulKey>(node)
    self.init(
      mean: try section.required(.mean).number(.amount), maximum: try section.required(.maximum).number(.amount))
  }
}

private enum DisturbanceKey: String, SectionKey {
  case waitedForCore, stolen, pressure, threadCPU, involuntarySwitches
}

extension Disturbance {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<DisturbanceKey>(node)
    self.init(
      waitedForCore: try section.optional(.waitedForCore).map(Spread.init),
      stolen: try section.optional(.stolen).map(Spread.init),
      pressure: try section.optional(.pressure).map(Spread.init),
      threadCPU: try Spread(try section.required(.threadCPU)),
      involuntarySwitches: try Spread(try section.required(.involuntarySwitches)))
  }
}

private enum TrafficKey: String, SectionKey {
  case sparseSteps, denseSteps, sparseBytes, denseBytes, messages, touchedRows, mergedRows
}

extension TableTrafficSummary {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<TrafficKey>(node)
    func amount(_ key: TrafficKey) throws -> Int { try section.required(key).whole(in: ConfigurationNode.amounts) }
    self.init(
      sparseSteps: try amount(.sparseSteps), denseSteps: try amount(.denseSteps),
      sparseBytes: try Spread(try section.required(.sparseBytes)), denseBytes: try amount(.denseBytes),
      messages: try amount(.messages), touchedRows: try Spread(try section.required(.touchedRows)),
      mergedRows: try amount(.mergedRows))
  }
}
