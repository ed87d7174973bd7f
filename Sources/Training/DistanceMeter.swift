import Buffers
import Gradients
import Kernels
import Measurement
import Optimizers

/// Looks at weights before and after updates. All ranks have the same weights and gradients, so all find the same.
final class DistanceMeter {
  private let everySteps: Int
  private let totalUpdates: Int
  private let norms: ArenaNorms
  /// What is dense and trained, as it is listed.
  private let arrays: [ParameterLayout.Entry]
  /// Before the update that is looked at; tables left out.
  private let before: Tensor
  /// The computing thread's, within the last update.
  private(set) var nanoseconds: UInt64 = 0

  /// - Parameters:
  ///   - everySteps: updates from one whose norms are noted to the next.
  ///   - totalUpdates: of the run, the last of which is always noted.
  init(_ layout: ParameterLayout, everySteps: Int, totalUpdates: Int) {
    self.everySteps = everySteps
    self.totalUpdates = totalUpdates
    norms = ArenaNorms(layout: layout)
    arrays = layout.listedEntries.filter { $0.parameter.role == .trained }
    before = Tensor(Shape(layout.denseCount))
  }

  func beginStep(_ state: RunState) {
    nanoseconds = 0
    guard state.updates % everySteps == 0 else { return }
    timed { before.copy(from: state.weights.slice(0..<before.count)) }
  }

  /// - Parameter rate: of the update that was made.
  func endStep(_ state: RunState, rate: Double, _ mean: borrowing ReducedGradients) {
    if (state.updates - 1) % everySteps == 0 {
      let start = MonotonicClock.now()
      let step = StepNorms.Step(update: norms.distance(state.weights, before), gradient: norms.norm(of: mean.arena))
      state.account.epoch.norms.append(step)
      nanoseconds += MonotonicClock.now() - start
    }
    noteIfDue(state, rate)
  }

  /// In place of both, for a step that is left out.
  ///
  /// - Parameter rate: of that step.
  func skipStep(_ state: RunState, rate: Double) {
    nanoseconds = 0
    noteIfDue(state, rate)
  }

  private func noteIfDue(_ state: RunState, _ rate: Double) {
    guard WeightDistances.isDue(afterUpdates: state.updates) || state.updates == totalUpdates else { return }
    timed { note(state, rate) }
  }

  private func note(_ state: RunState, _ rate: Double) {
    let squares = arrays.map { entry in
      OptimizerLoops.squaredDistance(
        state.weights.slice(entry.range).buffer.span, state.startingWeights.slice(entry.range).buffer.span)
    }
    var way = state.account.travelled
    if way.arrays.isEmpty {
      way.arrays = arrays.map { WeightDistances.Course(name: $0.parameter.name, distances: []) }
    }
    way.updates.append(state.updates)
    way.learningRates.append(rate)
    way.total.append(squares.reduce(0, +).squareRoot())
    for (index, square) in squares.enumerated() { way.arrays[index].distances.append(square.squareRoot()) }
    state.account.travelled = way
  }

  private func timed(_ body: () -> Void) {
    let start = MonotonicClock.now()
    body()
    nanoseconds += MonotonicClock.now() - start
  }
}
