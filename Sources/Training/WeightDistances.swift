import Configuration

/// How far weights have gone from where the run started, at updates that lie evenly on a logarithmic axis: tables left out.
public struct WeightDistances: Encodable, Equatable, Sendable {
  /// Updates made, rising; each list has an entry for each.
  public var updates: [Int] = []
  /// Of that update: a fit needs a stretch of one rate.
  public var learningRates: [Double] = []
  /// ‖w − w₀‖₂ of all that is trained.
  public var total: [Double] = []
  /// The same of each array by itself, as they are listed.
  public var arrays: [Course] = []

  /// One array's way.
  public struct Course: Encodable, Equatable, Sendable {
    /// As in the weights' file: `dense1.weight`.
    public var name: String
    /// ‖w − w₀‖₂ of its weights.
    public var distances: [Double]

    /// A distance for each update.
    public init(name: String, distances: [Double]) {
      self.name = name
      self.distances = distances
    }
  }

  /// Before the first update.
  public init() {}

  /// Whether distances are noted after so many updates: those nearest to 10^(k/20).
  public static func isDue(afterUpdates count: Int) -> Bool { count > 0 && nearestDue(to: count) == count }
}

private enum DistancesKey: String, SectionKey { case updates, learningRates, total, arrays }
private enum CourseKey: String, SectionKey { case name, distances }

extension WeightDistances {
  /// As a record holds it.
  init(_ node: ConfigurationNode) throws {
    let section = try Section<DistancesKey>(node)
    let updates = try section.required(.updates).values { try $0.whole(in: ConfigurationNode.amounts) }
    func figures(_ node: ConfigurationNode) throws -> [Double] {
      let figures = try node.values { try $0.figure() }
      guard figures.count == updates.count else {
        throw node.error("\(node.path) has \(figures.count) figures for \(updates.count) updates")
      }
      return figures
    }
    self.updates = updates
    learningRates = try figures(try section.required(.learningRates))
    total = try figures(try section.required(.total))
    arrays = try section.required(.arrays).values { node in
      let course = try Section<CourseKey>(node)
      return Course(
        name: try course.required(.name).anyText(), distances: try figures(try course.required(.distances)))
    }
    guard zip(updates, updates.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw node.error("\(node.path).updates must rise")
    }
  }
}
