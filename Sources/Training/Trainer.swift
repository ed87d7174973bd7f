import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import Layers
import Measurement
import MessagePassing
import Models
import Watch

/// One run of one experiment on the ranks of a communicator: what is computed (`Experiment`), who computes it (`Crew`) and
/// what has come of it so far (`RunState`). Every rank makes one and calls the same methods in the same order.
public final class Trainer {
  /// The computation, the same on every rank.
  public let experiment: Experiment
  /// Weights, optimisers' memory and counters so far.
  public let state: RunState
  /// The ranks that compute it now; `move(to:)` makes another.
  public internal(set) var crew: Crew
  /// The steps that `run` notes for a trace; nil for none. On every rank, before it.
  public var traceWindow: TraceWindow?
  /// Of the whole run, once it has ended.
  public internal(set) var steps: RunSteps?
  /// Nil where none are written.
  var checkpoints: Checkpointing?
  /// Of the first rank; nil where no trail is written.
  var trailWriter: TrailWriter?
  /// Updates after which the ranks' states were last compared; nil before the first time.
  var comparedAfter: Int?
  /// This rank's, when the job began.
  let number: Int
  /// Of rank 0, in a run of bfloat16.
  var bfloat16: BFloat16Facts?
  /// Where the run was asked to stop: the account that it can go on with.
  var accountToResume: RunAccount?
  /// ISO 8601, UTC: of this process.
  let startedAt = Date().ISO8601Format()

  /// Collective: all ranks must bring the same configuration and data; where one does not, all get an error that names it.
  ///
  /// - Parameters:
  ///   - model: nil makes the one that the configuration describes.
  ///   - batches: nil for the configuration's one global batch throughout.
  ///   - checkpoint: to go on from; nil for a run from its start.
  /// - Throws: `CollectiveError` where ranks differ, the model does not fit the data, or memory does not suffice.
  public init(
    _ configuration: RunConfiguration, model: Model? = nil, batches: BatchPlan? = nil,
    resuming checkpoint: Checkpoint? = nil, _ session: TrainingSession
  ) throws {
    let (communicator, data) = (session.communicator, session.data)
    try communicator.requireEqual(try Self.fingerprints(configuration, data))
    let experiment = try communicator.agree {
      try Experiment(configuration, data, model: model, batches: batches)
    }
    self.experiment = experiment
    number = communicator.rank
    state = try RunState(experiment, in: Self.sharedState(experiment, data, communicator))
    if let checkpoint { try Self.restore(state, from: checkpoint, experiment, session) }
    crew = try Crew(experiment, state, session)
    if let checkpoint {
      try communicator.agree { try crew.resume(checkpoint) }
    } else if let from = configuration.from {
      try start(from: from, withFreshOptimizer: false)
    }
  }

  /// Where a host's ranks may keep one copy of what is learned; all memory of the run is looked at first.
  private static func sharedState(
    _ experiment: Experiment, _ data: DatasetPair, _ communicator: Communicator
  ) throws -> SharedState? {
    let memory = try NodeMemory(communicator)
    func require(ranksOfCopy: Int) throws {
      let parts = memoryParts(experiment, data, ranks: communicator.size, ranksOfCopy: ranksOfCopy)
      try communicator.agree { try memory.require(parts) }
    }
    if SharedState.isPossible(experiment.configuration, communicator) {
      try require(ranksOfCopy: memory.ranks.count)
      if let shared = try SharedState.make(experiment, communicator) { return shared }
    }
    try require(ranksOfCopy: 1)
    return nil
  }

  /// The experiment's settings.
  public var configuration: RunConfiguration { experiment.configuration }
  /// The experiment's model.
  public var model: Model { experiment.model }
  /// The place of each parameter in the arenas.
  public var layout: ParameterLayout { experiment.model.layout }
  /// Flat, in the layout's order; the same on every rank after every step.
  public var parameters: Tensor { state.weights }
  /// Whether ranks of a host have one copy of the weights and of what optimisers remember.
  public var sharesWeights: Bool { state.shared != nil }
  /// Updates made.
  public var updates: Int { state.updates }

  var session: TrainingSession { crew.session }
  var communicator: Communicator { session.communicator }
  var data: DatasetPair { session.data }

  /// One update.
  func step(_ step: StepPlan) throws -> StepOutcome {
    crew.trace?.recorder.begin(step: updates + 1)
    Activity.begin(update: updates + 1)
    crew.trail?.beginStep(update: updates + 1, epoch: step.epoch + 1)
    crew.ledger.beginStep()
    if let team = crew.team, experiment.isLocal(afterUpdates: updates) {
      return try crew.localStep(step, state, team)
    }
    let gradient = try crew.gradientToApply(of: step)
    crew.trail?.beforeUpdate(tables: gradient.mean.tables)
    let outcome = try state.apply(gradient, of: step, experiment)
    // A step that is to be made again is not to be counted twice, and the loss of one that is left out not at all.
    let isCounted = outcome != .interrupted
    if isCounted, outcome != .skipped { crew.sums += gradient.sums }
    crew.noteUpdate(measuring: state.distances?.nanoseconds ?? 0)
    crew.ledger.endStep(samples: isCounted ? gradient.sums.samples : 0)
    return outcome
  }

  /// Goes on with the ranks of another communicator, which are some or all of these. Collective on these; those that
  /// are not among the others are done with this run. Throws `CollectiveError`, `MPIError`.
  public func move(to session: TrainingSession) throws {
    precondition(state.shared == nil || session.communicator.size == communicator.size, "ranks move one copy together")
    let isCrowdingSaid = crew.crowding.isSaid
    crew = try Crew(experiment, state, session)
    crew.crowding.isSaid = isCrowdingSaid
  }
}
