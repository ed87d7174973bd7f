import Configuration
import Foundation

extension NetworkModel {
  static let stored = StoredKind(
    "a network model", version: version, remedy: "put it back as it was, or measure again with lockstep network")

  private enum Key: String, SectionKey {
    case format, version, facts, dataSheet, times, fits, cliffs, heldOutError
  }

  /// Reads a `network.json`.
  ///
  /// - Throws: `ConfigurationError`, with file, line and key.
  public static func read(_ file: String) throws -> NetworkModel {
    try stored.read(file: file, hint: "lockstep network writes such a file") { try NetworkModel($0) }
  }

  package init(_ node: ConfigurationNode) throws {
    let section = try Section<Key>(node)
    let format = try section.required(.format)
    guard try format.text() == Self.format else {
      throw format.error("format is '\(try format.text().shown)', not '\(Self.format)'")
    }
    _ = try section.required(.version).whole()
    self.init(
      facts: try section.optional(.facts).map(NetworkFacts.init),
      dataSheet: try section.optional(.dataSheet).map(DataSheet.init),
      times: try section.required(.times).values(CollectiveTime.init),
      fits: try section.required(.fits).values(CollectiveFit.init),
      cliffs: try section.required(.cliffs).values(Cliff.init),
      heldOutError: try section.optional(.heldOutError)?.number(.amount))
    guard (facts == nil) != (dataSheet == nil) else {
      throw node.error("a network model has either facts or a dataSheet")
    }
    guard dataSheet != nil || !fits.isEmpty else {
      throw try section.required(.fits).error("fits is empty: nothing was measured")
    }
  }
}

private enum FactsKey: String, SectionKey { case hosts, mpi, settings, processor, measuredAt, command }
private enum HostKey: String, SectionKey { case name, ranks }

extension NetworkFacts {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<FactsKey>(node)
    self.init(
      hosts: try section.required(.hosts).list(example: "[{\"name\": \"node0\", \"ranks\": 1}]", Host.init),
      mpi: try section.required(.mpi).anyText(), settings: try section.required(.settings).texts(),
      processor: try section.required(.processor).anyText(),
      measuredAt: try section.required(.measuredAt).anyText(), command: try section.required(.command).anyText())
  }
}

extension NetworkFacts.Host {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<HostKey>(node)
    self.init(name: try section.required(.name).anyText(), ranks: try section.required(.ranks).whole(in: 1...1 << 20))
  }
}

private enum DataSheetKey: String, SectionKey { case betweenNodes, withinNode, reductionSecondsPerByte }
private enum LinkKey: String, SectionKey { case latencySeconds, bytesPerSecond }

extension DataSheet {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<DataSheetKey>(node)
    self.init(
      betweenNodes: try Link(try section.required(.betweenNodes)),
      withinNode: try Link(try section.required(.withinNode)),
      reductionSecondsPerByte: try section.required(.reductionSecondsPerByte).number(.amount))
  }
}

extension DataSheet.Link {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<LinkKey>(node)
    self.init(
      latencySeconds: try section.required(.latencySeconds).number(.amount),
      bytesPerSecond: try section.required(.bytesPerSecond).number(.range(1...1e18)))
  }
}

/// Ranks and nodes of a group of at least two.
private struct Group {
  let ranks: Int
  let nodes: Int

  init(_ ranks: ConfigurationNode, _ nodes: ConfigurationNode) throws {
    self.ranks = try ranks.whole(in: 2...1 << 20)
    self.nodes = try nodes.whole(in: 1...self.ranks)
  }
}

private enum TimeKey: String, SectionKey { case collective, ranks, nodes, bytes, seconds, low, high, repetitions }

extension CollectiveTime {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<TimeKey>(node)
    let group = try Group(try section.required(.ranks), try section.required(.nodes))
    self.init(
      try section.required(.collective).choice(), ranks: group.ranks, nodes: group.nodes,
      bytes: try section.required(.bytes).whole(in: ConfigurationNode.amounts),
      seconds: try section.required(.seconds).number(.positiveAmount),
      low: try section.required(.low).number(.positiveAmount),
      high: try section.required(.high).number(.positiveAmount),
      repetitions: try section.required(.repetitions).whole())
    guard low <= seconds, seconds <= high else {
      throw node.error("\(node.path): seconds must lie between low and high")
    }
  }
}

private enum FitKey: String, SectionKey {
  case collective, ranks, nodes, regimes, leastBytes, mostBytes, error, heldOutError, errorPerDoubling
}

extension CollectiveFit {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<FitKey>(node)
    let collective: Collective = try section.required(.collective).choice()
    let group = try Group(try section.required(.ranks), try section.required(.nodes))
    let least = try section.required(.leastBytes).whole(in: ConfigurationNode.amounts)
    let most = try section.required(.mostBytes).whole(in: least...ConfigurationNode.amounts.upperBound)
    let regimes = try section.required(.regimes)
    self.init(
      collective, ranks: group.ranks, nodes: group.nodes,
      regimes: try regimes.list(example: "[{\"fromBytes\": 0, …}]") { try CostRegime($0, of: collective) },
      bytes: least...most, error: try section.required(.error).number(.amount),
      heldOutError: try section.optional(.heldOutError)?.number(.amount),
      errorPerDoubling: try section.required(.errorPerDoubling).number(.amount))
    guard self.regimes[0].fromBytes == 0,
      zip(self.regimes, self.regimes.dropFirst()).allSatisfy({ $0.fromBytes < $1.fromBytes })
    else { throw regimes.error("\(regimes.path): fromBytes must begin with 0 and rise") }
  }
}

private enum RegimeKey: String, SectionKey {
  case fromBytes, latencySeconds, secondsPerByte, reductionSecondsPerByte, schedules
}

extension CostRegime {
  fileprivate init(_ node: ConfigurationNode, of collective: Collective) throws {
    let section = try Section<RegimeKey>(node)
    self.init(
      fromBytes: try section.required(.fromBytes).whole(in: ConfigurationNode.amounts),
      latencySeconds: try section.required(.latencySeconds).number(.amount),
      secondsPerByte: try section.required(.secondsPerByte).number(.amount),
      reductionSecondsPerByte: try section.required(.reductionSecondsPerByte).number(.amount),
      schedules: try section.required(.schedules).list(example: "[\"ring\"]") { item in
        let schedule: Schedule = try item.choice()
        guard Schedule.all(of: collective).contains(schedule) else {
          throw item.error("\(item.path) is '\(schedule.rawValue)', which no \(collective.title) is done by")
        }
        return schedule
      })
  }
}

private enum CliffKey: String, SectionKey {
  case collective, ranks, nodes, kind, bytes, seconds, largerBytes, largerSeconds
}

extension Cliff {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<CliffKey>(node)
    let group = try Group(try section.required(.ranks), try section.required(.nodes))
    self.init(
      collective: try section.required(.collective).choice(), ranks: group.ranks, nodes: group.nodes,
      kind: try section.required(.kind).choice(),
      bytes: try section.required(.bytes).whole(in: ConfigurationNode.amounts),
      seconds: try section.required(.seconds).number(.positiveAmount),
      largerBytes: try section.required(.largerBytes).whole(in: ConfigurationNode.amounts),
      largerSeconds: try section.required(.largerSeconds).number(.positiveAmount))
  }
}

extension NumberRule {
  /// Seconds of something that took some.
  fileprivate static let positiveAmount = NumberRule.range(1e-12...1e12)
}
