/// What the processors of a job's machines used in an interval, in joules: all that ran there, the job or not. Intel and AMD
/// count it (RAPL, running average power limit), and Linux shows it in its powercap folder.
public struct Energy: Encodable, Equatable, Sendable {
  /// Of all processors: cores, caches and memory controllers.
  public var processors: Double
  /// Of memory modules, which `processors` leaves out; nil where some machine does not count it.
  public var memory: Double?
  /// Of whole machines, with what the figures above say and more; nil where some machine does not count it.
  public var platform: Double?

  /// Known figures, in joules.
  public init(processors: Double, memory: Double? = nil, platform: Double? = nil) {
    self.processors = processors
    self.memory = memory
    self.platform = platform
  }

  /// Of several machines or intervals together; nil where the energy of one is not known, or there is none.
  public init?(summing parts: [Energy?]) {
    guard !parts.isEmpty else { return nil }
    func sum(_ figure: (Energy) -> Double?) -> Double? {
      let known = parts.compactMap { $0.flatMap(figure) }
      return known.count == parts.count ? known.reduce(0, +) : nil
    }
    guard let processors = sum(\.processors) else { return nil }
    self.init(processors: processors, memory: sum(\.memory), platform: sum(\.platform))
  }
}

extension Energy {
  /// Numbers of `figures`.
  package static let width = 3

  /// To be gathered over ranks: NaN where not known.
  package static func figures(_ energy: Energy?) -> [Double] {
    [energy?.processors ?? .nan, energy?.memory ?? .nan, energy?.platform ?? .nan]
  }

  /// As `figures` has them; nil where what the processors used is not known.
  package init?(figures: ArraySlice<Double>) {
    let known = figures.map { $0.isNaN ? nil : $0 }
    guard let processors = known[0] else { return nil }
    self.init(processors: processors, memory: known[1], platform: known[2])
  }
}
