import Buffers

/// The mean gradient of the global batch, the same on every rank: the only thing that an optimiser accepts. Only a
/// finished exchange makes one, so a gradient that was not reduced cannot be applied.
public struct ReducedGradients: ~Copyable {
  /// The whole arena, flat.
  public let arena: Tensor
  /// Gradients of the rows that the global batch touched, on all ranks; nil where the model has no tables.
  public let tables: TableGradients?

  package init(arena: Tensor, tables: TableGradients? = nil) {
    self.arena = arena
    self.tables = tables
  }
}
