import Buffers
import Gradients
import Kernels

extension ReducedGradients {
  /// Whether every number is finite, of dense gradients, statistics and tables' rows. All of it must be here. The same on every rank.
  package var isFinite: Bool {
    guard OptimizerLoops.isFinite(arena.buffer.span) else { return false }
    return tables?.tables.allSatisfy { OptimizerLoops.isFinite($0.values.buffer.span) } ?? true
  }
}
