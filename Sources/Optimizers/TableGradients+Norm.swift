import Buffers
import Kernels

extension TableGradients {
  /// Σ g² over all rows of all tables: the same bits in whatever order the rows stand, so that the number of ranks and
  /// the way of exchange do not show.
  package var sumOfSquares: Double {
    tables.reduce(0) { $0 + OptimizerLoops.sumOfSquares(ofRows: $1.values.buffer.span, width: $1.width) }
  }
}
