import Buffers

/// The mean gradient of the global batch, the same on every rank: the only thing that an optimiser accepts. Only a
/// finished exchange makes one, so a gradient that was not reduced cannot be applied.
public struct ReducedGradients: ~Copyable {
  /// The whole arena, flat.
  public let arena: Tensor

  package init(arena: Tensor) { self.arena = arena }
}
