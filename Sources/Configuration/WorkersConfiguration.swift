/// How a global batch is shared among workers, each a contiguous run of its microbatches: the section `workers`. Workers are part of
/// the experiment: how many ranks compute them changes nothing.
public struct WorkersConfiguration: Encodable, Equatable, Sendable {
  /// How many.
  public var count: Int
  /// What becomes of what each has.
  public var combine: Combination
  /// `average` only: the updates that a worker makes by itself between two averages.
  public var localSteps: Int?
  /// `average` only: the epochs after which workers begin to go by themselves; nil: at the learning rate's first milestone.
  public var from: Double?

  /// The ways to combine.
  public enum Combination: String, Encodable, CaseIterable, Sendable {
    /// Each step, the workers' gradients, in a way that adds what is orthogonal and averages what is parallel (Maleki et al. 2021).
    case adasum
    /// Each worker makes `localSteps` updates by itself; then weights and optimisers' memory are averaged (Lin et al. 2020).
    case average
  }

  /// A nil stands for what does not apply, or for the first milestone.
  public init(count: Int, combine: Combination, localSteps: Int? = nil, from: Double? = nil) {
    self.count = count
    self.combine = combine
    self.localSteps = localSteps
    self.from = from
  }
}

enum WorkersKey: String, SectionKey { case count, combine, localSteps, from }

extension WorkersConfiguration {
  private static let firstMilestone = "firstMilestone"

  /// - Parameter milestones: of the learning rate.
  init(_ section: Section<WorkersKey>, globalBatch: Int, milestones: [Double]) throws {
    let node = try section.required(.count)
    self.init(count: try node.whole(in: 1...4096), combine: try section.required(.combine).choice())
    guard count <= globalBatch else {
      throw node.error("\(node.path) is \(count), more than the \(globalBatch) samples of a global batch")
    }
    if combine == .average {
      try readLocalSteps(section, milestones: milestones)
    } else {
      let because = "\(section.node.pathOf("combine")) \(combine.rawValue)"
      try section.refuse(.localSteps, .from, unless: "average", because: because)
    }
  }

  private mutating func readLocalSteps(_ section: Section<WorkersKey>, milestones: [Double]) throws {
    localSteps = try section.required(.localSteps).whole()
    if let node = section.optional(.from), node.word != Self.firstMilestone { from = try node.number(.epochs) }
    guard from == nil, milestones.isEmpty else { return }
    throw (section[.from] ?? section.node).error(
      "workers go by themselves from the learning rate's first milestone on, and it has none: set "
        + "\(section.node.pathOf("from")) to a number of epochs (0: from the start), or learningRate.schedule to steps")
  }
}

extension ConfigurationNode {
  /// Nil where it is no word.
  fileprivate var word: String? { if case .scalar(let text, _) = content { text } else { nil } }
}
