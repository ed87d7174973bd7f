import Batches
import Buffers
import Configuration
import Gradients
import MessagePassing

/// The ranks that compute workers together, and what brings workers together: a crew's, where its experiment has workers.
final class WorkerTeam {
  let group: WorkerGroup
  /// Within this rank's group; nil where one group is all ranks.
  let exchange: GradientExchange?
  let tree: AdasumTree
  private let communicator: Communicator
  /// A worker's gradient on its way to all ranks.
  private let shared: Tensor
  /// Each worker's weights, between two averages; made when they part.
  private(set) var copies: WorkerCopies?

  /// Collective. Throws `MPIError`.
  init(
    _ group: WorkerGroup, _ arena: GradientArena, _ experiment: Experiment, _ session: TrainingSession
  ) throws {
    let (layout, configuration) = (experiment.model.layout, experiment.configuration)
    self.group = group
    communicator = session.communicator
    tree = AdasumTree(layout: layout)
    shared = Tensor(Shape(configuration.workers?.combine == .adasum ? layout.denseCount : 0))
    guard group.groups > 1, let inside = try communicator.split(color: group.number, key: group.rank) else {
      exchange = nil
      return
    }
    let overlap = Crew.overlap(configuration, session)
    exchange = try GradientExchange(
      arena, layout: layout, communicator: inside, bucketBytes: configuration.execution.bucketBytes.start,
      overlap: overlap == .auto ? .progress : overlap, precision: configuration.travellingPrecision,
      errorFeedback: configuration.exchangeErrorFeedback == true)
  }

  /// Those of the run, in memory of their own from the first time on.
  func copies(of state: RunState, exact: Bool) -> WorkerCopies {
    if let copies { return copies }
    let made = WorkerCopies(state, group, exact: exact)
    copies = made
    return made
  }

  /// Takes the gradients of a slot's workers into the tree, in the workers' order, the same on every rank. Collective.
  ///
  /// - Parameter own: that of this rank's worker.
  /// - Returns: how many gradients were sent.
  func combine(slot: Int, of step: StepPlan, own: Tensor) throws -> Int {
    var sent = 0
    for number in 0..<group.groups {
      let worker = group.worker(slot: slot, ofGroup: number)
      guard let part = step.part(of: worker, workers: group.workers) else { continue }
      if number == group.number { shared.copy(from: own) }
      if group.groups > 1 {
        try communicator.broadcast(shared.buffer.mutableSpan, root: number * group.ranks)
        sent += 1
      }
      tree.add(shared, samples: part.globalBatch)
    }
    return sent
  }

  /// The gravest that any rank has met. Collective.
  func agree(on obstacle: StepOutcome?) throws -> StepOutcome? {
    let own = StepOutcome.obstacles.firstIndex { $0 == obstacle }.map { $0 + 1 } ?? 0
    let gravest = group.groups == 1 ? own : try communicator.allReduce(own, .maximum)
    return gravest == 0 ? nil : StepOutcome.obstacles[gravest - 1]
  }
}

extension StepOutcome {
  /// The graver ones last.
  static let obstacles: [StepOutcome] = [.interrupted, .inexact, .notFinite]

  /// The graver of the two.
  static func graver(_ a: StepOutcome?, _ b: StepOutcome?) -> StepOutcome? {
    obstacles.last { $0 == a || $0 == b }
  }
}
