import Buffers
import Gradients

/// Clipping by the global norm, as `torch.nn.utils.clip_grad_norm_`: gradients longer than `limit` are scaled down to
/// it, those of tables among them. The scale is applied where the optimiser reads the gradient.
public struct GradientClipping: Sendable {
  private let limit: Double
  private let norms: ArenaNorms

  /// `limit` is the largest global norm that is left as it is.
  public init(limit: Double, layout: ParameterLayout) {
    self.limit = limit
    norms = ArenaNorms(layout: layout)
  }

  /// Norm of all that is trained.
  public func norm(of gradients: borrowing ReducedGradients) -> Double {
    let dense = norms.norm(of: gradients.arena)
    guard let tables = gradients.tables else { return dense }
    return (dense * dense + tables.sumOfSquares).squareRoot()
  }

  /// PyTorch adds 1e-6 to the norm, so its clipped norm is a little below the limit; we do as it does.
  public func scale(forNorm norm: Double?) -> Float { norm.map { Float(min(1, limit / ($0 + 1e-6))) } ?? 1 }
}
