import Buffers
import Configuration
import Gradients
import Optimizers
import Testing

/// Ranks that move one copy of weights and state together, each its share, leave the bits of one that moves all.
@Suite struct SharedUpdateTests {
  private static let ranks = 3

  /// Hands the same arrays to each of several optimisers.
  private final class OneCopy {
    private var arrays: [Tensor] = []
    private var next = 0

    /// For the next optimiser.
    func memory() -> StateMemory {
      next = 0
      return StateMemory { shape in
        if self.next == self.arrays.count { self.arrays.append(Tensor(shape)) }
        self.next += 1
        return self.arrays[self.next - 1]
      }
    }
  }

  @Test(arguments: OptimizerTests.configurations)
  func sharesMoveWeightsAsTheWhole(_ configuration: OptimizerConfiguration) throws {
    let (whole, shared, copy) = (Fixture(), Fixture(), OneCopy())
    let alone = makeOptimizer(configuration, layout: whole.layout)
    let together = (0..<Self.ranks).map { _ in makeOptimizer(configuration, layout: shared.layout, in: copy.memory()) }
    let statistics = RunningStatistics(layout: whole.layout)
    for step in 0..<4 {
      let gradients = whole.gradients(step: step)
      alone.step(whole, gradients, 0.1)
      statistics.update(parameters: whole.parameters, gradients: ReducedGradients(arena: gradients), globalBatch: 16)
      for (rank, optimizer) in together.enumerated() {
        // As they come where each rank has its own part alone.
        let own = Tensor(gradients.shape)
        own.fill(.nan)
        let share = NodeShare(rank: rank, of: Self.ranks)
        let part = share.part(of: 0..<gradients.count)
        own.slice(part).copy(from: gradients.slice(part))
        let reduced = ReducedGradients(arena: configuration.clipNorm == nil ? own : gradients, share: share)
        try optimizer.update(parameters: shared.parameters, gradients: reduced, learningRate: 0.1)
        statistics.update(parameters: shared.parameters, gradients: reduced, globalBatch: 16)
      }
      #expect(shared.parameters.values == whole.parameters.values)
    }
    for (ours, theirs) in zip(together[0].state, alone.state) { #expect(ours.arena.values == theirs.arena.values) }
  }

  @Test(arguments: TableOptimizerTests.configurations)
  func sharesMoveRowsAsTheWhole(_ configuration: TablesConfiguration) throws {
    let (whole, shared, copy) = (TableFixture(), TableFixture(), OneCopy())
    let alone = makeTableOptimizer(configuration, layout: whole.layout, batchRatio: 4)!
    let together = (0..<Self.ranks).map { _ in
      makeTableOptimizer(configuration, layout: shared.layout, batchRatio: 4, in: copy.memory())!
    }
    let dense = Tensor(Shape(whole.layout.denseCount))
    // Of many rows, of fewer than there are ranks, of none.
    for (step, samples) in [50, 2, 0, 50].enumerated() {
      let gradients = whole.gradients(step: step, samples: samples)
      alone.step(whole, gradients, 0.1)
      for (rank, optimizer) in together.enumerated() {
        optimizer.update(
          parameters: shared.parameters,
          gradients: ReducedGradients(
            arena: dense, tables: gradients, share: NodeShare(rank: rank, of: Self.ranks)),
          learningRate: 0.1, gradientScale: 1)
      }
      #expect(shared.parameters.values == whole.parameters.values, "step \(step)")
    }
    for (ours, theirs) in zip(together[0].state, alone.state) { #expect(ours.arena.values == theirs.arena.values) }
  }
}
