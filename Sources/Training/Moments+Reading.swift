import Configuration
import Measurement

private enum RunMomentsKey: String, SectionKey { case prepared, began, ended }
private enum EpochMomentsKey: String, SectionKey { case began, trained, ended }
private enum EnergyKey: String, SectionKey { case processors, memory, platform }

extension RunMoments {
  init(_ node: ConfigurationNode) throws {
    let moments = try node.moments(RunMomentsKey.self)
    self.init(prepared: moments[0], began: moments[1], ended: moments[2])
  }
}

extension EpochMoments {
  init(_ node: ConfigurationNode) throws {
    let moments = try node.moments(EpochMomentsKey.self)
    self.init(began: moments[0], trained: moments[1], ended: moments[2])
  }
}

extension ConfigurationNode {
  /// Those of all keys, in their order, in which they may not fall.
  fileprivate func moments<Key: SectionKey>(_ keys: Key.Type) throws -> [Double] {
    let section = try Section<Key>(self)
    let moments = try Key.allCases.map { try section.required($0).number(.amount) }
    guard zip(moments, moments.dropFirst()).allSatisfy(<=) else {
      throw error("\(path) must rise from \(Key.allCases.map(\.rawValue).joined(separator: " to "))")
    }
    return moments
  }
}

extension Energy {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<EnergyKey>(node)
    self.init(
      processors: try section.required(.processors).number(.amount),
      memory: try section.optional(.memory)?.number(.amount),
      platform: try section.optional(.platform)?.number(.amount))
  }
}
