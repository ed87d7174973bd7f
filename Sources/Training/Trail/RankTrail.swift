import Batches
import Buffers
import Gradients
import Kernels
import Layers

/// What one rank notes of its steps for a trail. It only reads: a run comes to the same bits with and without.
package final class RankTrail {
  /// The sums that it takes.
  package let shape: TrailShape
  /// Steps after which the ranks' notes are brought together, the same on all of them.
  private let room: Int
  private let arena: GradientArena
  private let network: Network
  private let tables: TableGradients?
  /// Arrays of the gradient arena.
  private let dense: [Range<Int>]
  /// Places in `dense` of each layer's.
  private let denseOfLayers: [[Int]]
  /// The backward pass reaches it last of those with tables.
  private let firstTableLayer: Int?
  /// Arrays of the state, in the order of `shape`.
  private let state: [Tensor]

  /// Steps that are over.
  private var steps: [TrailPart] = []
  /// The step that goes on; nil between steps, where gradients are nobody's.
  private var step: TrailPart?
  private var microbatch: TrailPart.Microbatch?
  private var round = -1
  private var tableSums: [UInt64] = []
  /// Of the state, when it was last written to.
  private var known: [UInt64]?

  /// What is about to be summed: tests change it, as a faulty machine would.
  package enum Moment {
    /// What a layer put out.
    case output(microbatch: Int, Tensor)
    /// A layer's gradient of a microbatch, in the arena.
    case gradient(microbatch: Int, Range<Int>)
    /// The state after an update, and the mean gradient.
    case update
  }

  /// Called at each moment; nil where nobody watches.
  package var watcher: ((_ update: Int, Moment) -> Void)?

  /// - Parameter rows: the rank's own row gradients, where the model has tables.
  init(_ experiment: Experiment, _ state: RunState, _ network: Network, _ arena: GradientArena, rows: TableGradients?) {
    let layout = experiment.model.layout
    (self.arena, self.network, tables) = (arena, network, rows)
    let entries = layout.entries.filter { $0.range.upperBound <= layout.denseCount }
    dense = entries.map(\.range)
    denseOfLayers = layout.layerRanges.indices.map { layer in entries.indices.filter { entries[$0].layer == layer } }
    firstTableLayer = rows == nil ? nil : layout.tables.map(\.layer).min()
    let arrays = Self.arrays(state, layout)
    self.state = arrays.map(\.tensor)
    shape = TrailShape(
      layers: network.stepNames,
      gradients: entries.map(\.parameter.name) + (rows?.tables.map(\.name) ?? []), state: arrays.map(\.name))
    let microbatch = 5 + shape.layers.count + shape.gradients.count
    let words =
      experiment.step(0).microbatchCount * experiment.views * microbatch + shape.gradients.count + shape.state.count
    room = max(1, min(Self.mostSteps, Self.mostWords / words))
  }

  private static let (mostSteps, mostWords) = (256, 1 << 18)

  /// Optimisers' arrays before the weights: so an update goes. Starting weights are left out, which no step reads.
  private static func arrays(_ state: RunState, _ layout: ParameterLayout) -> [(name: String, tensor: Tensor)] {
    let arrays = state.arrays.filter { $0.name != "startingWeights" }
    return (arrays.dropFirst() + arrays.prefix(1)).flatMap { name, tensor in
      let parts = layout.parts(of: tensor)
      return parts.isEmpty
        ? [(name, tensor)] : parts.map { ("\(name) of \($0.name)", tensor.slice($0.range)) }
    }
  }

  private var stateSums: [UInt64] { state.map { BitSum.of($0.buffer) } }

  // A step.

  func beginStep(update: Int, epoch: Int) {
    known = known ?? stateSums
    step = TrailPart(update: update, epoch: epoch)
    round = -1
  }

  func beginGradient() { round += 1 }

  func begin(_ batch: Batch, microbatch number: Int) {
    guard step != nil else { return }
    microbatch = TrailPart.Microbatch(number: number, view: batch.place.view, round: round)
    microbatch?.samples = Self.sum(batch)
    microbatch?.gradients = Array(repeating: 0, count: shape.gradients.count)
  }

  private static func sum(_ batch: Batch) -> UInt64 {
    let others = [
      UnsafeRawBufferPointer(batch.filledLabels), UnsafeRawBufferPointer(batch.filledIDs),
      UnsafeRawBufferPointer(batch.filledWeights),
    ]
    // Odd factors: a change of any one part changes the sum.
    return others.enumerated().reduce(BitSum.of(batch.filledInputs.buffer)) { sum, part in
      sum &+ BitSum.of(words: part.element) &* UInt64(2 * part.offset + 3)
    }
  }

  /// The next layer of the microbatch's forward pass has run.
  func layerRan(rows: Int) {
    guard let step, let microbatch else { return }
    let output = network.output(ofStep: microbatch.outputs.count, rows: rows)
    watcher?(step.update, .output(microbatch: microbatch.number, output))
    self.microbatch?.outputs.append(BitSum.of(output.buffer))
  }

  func note(_ loss: LossSums) { microbatch?.loss = loss.loss.bitPattern }

  /// A layer's gradients of one microbatch are there, and none of them has left.
  func layerDone(_ layer: Int) {
    guard let step, let microbatch else { return }
    for index in denseOfLayers[layer] {
      watcher?(step.update, .gradient(microbatch: microbatch.number, dense[index]))
      self.microbatch?.gradients[index] = BitSum.of(arena.gradients.slice(dense[index]).buffer)
    }
    guard layer == firstTableLayer, let tables else { return }
    self.microbatch?.gradients.replaceSubrange(dense.count..., with: Self.sums(tables))
  }

  func endMicrobatch() {
    if let microbatch { step?.microbatches.append(microbatch) }
    microbatch = nil
  }

  /// The same in whatever order the rows are listed, and whether or not some are that are zero.
  private static func sums(_ gradients: TableGradients) -> [UInt64] {
    let ids = gradients.rows.ids
    return gradients.tables.map { table in
      let values = table.values.buffer
      return ids.indices.reduce(into: 0) { sum, row in
        let sumOfRow = BitSum.of(values.extracting(row * table.width..<(row + 1) * table.width))
        sum &+= sumOfRow &* (2 &* UInt64(ids[row]) &+ 1)
      }
    }
  }

  /// The gradient is on its way, or there; of the state nothing was written to since the last update.
  ///
  /// - Parameter tables: all ranks' row gradients.
  func beforeUpdate(tables: TableGradients?) {
    guard step != nil, let known else { return }
    let sums = stateSums
    step?.changes = sums.indices.filter { sums[$0] != known[$0] }
    tableSums = tables.map(Self.sums) ?? []
  }

  func endStep() {
    guard var step else { return }
    watcher?(step.update, .update)
    let state = stateSums
    step.sums = .init(
      gradient: dense.map { BitSum.of(arena.gradients.slice($0).buffer) } + tableSums, state: state)
    known = state
    steps.append(step)
    self.step = nil
  }

  /// The step will be made again.
  func dropStep() { step = nil }

  /// Whether it is time to bring the ranks' notes together: the same on all of them.
  var isFull: Bool { steps.count >= room }

  /// The steps that are over, to be forgotten here.
  func take() -> [TrailPart] {
    defer { steps = [] }
    return steps
  }
}
