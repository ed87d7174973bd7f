/// What becomes of a step whose loss or gradient is not finite: the section `divergence`.
public struct DivergenceConfiguration: Encodable, Equatable, Sendable {
  /// What is done about it.
  public var policy: Policy
  /// Steps in a row that are left out at most; one more ends the run.
  public var limit: Int

  /// The ways to go on, besides none.
  public enum Policy: String, Encodable, CaseIterable, Sendable {
    /// The run ends. A configuration that has this has no section.
    case stop
    /// The step is left out: weights, running statistics and what the optimisers remember stay as they are, and the next step
    /// comes.
    case skip
  }

  /// With a run file's default.
  public init(policy: Policy, limit: Int = 10) {
    self.policy = policy
    self.limit = limit
  }
}

enum DivergenceKey: String, SectionKey { case policy, limit }

extension DivergenceConfiguration {
  /// Nil where a run ends, as it does without the section.
  init?(_ section: Section<DivergenceKey>) throws {
    self.init(policy: try section.required(.policy).choice())
    if policy == .stop { try section.refuse(.limit, unless: "skip", because: "\(section.node.pathOf("policy")) stop") }
    limit = try section.optional(.limit)?.whole() ?? limit
    if policy == .stop { return nil }
  }
}

extension RunConfiguration {
  /// A gradient that is left out must be one of all ranks, and must leave nothing behind.
  func requireSkipping(_ section: Section<RunKey>) throws {
    guard divergence != nil, let node = section[.divergence] else { return }
    if workers?.combine == .average {
      throw node.error(
        "\(node.path) is of steps of all ranks, and with workers.combine average each worker makes its own: remove one of the two"
      )
    }
    if exchangeErrorFeedback == true {
      throw node.error(
        "\(node.path) leaves gradients out that are not finite, and exchangeErrorFeedback would add what rounding took from them to "
          + "the next ones: remove one of the two")
    }
  }
}
