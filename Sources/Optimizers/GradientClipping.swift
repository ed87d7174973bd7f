import Buffers

/// Clipping by the global norm, as `torch.nn.utils.clip_grad_norm_`: gradients longer than `limit` are scaled down to
/// it. The scale is applied where the optimiser reads the gradient.
struct GradientClipping {
  private let limit: Double
  private let norms: ArenaNorms

  init(limit: Double, layout: ParameterLayout) {
    self.limit = limit
    norms = ArenaNorms(layout: layout)
  }

  func norm(of gradients: Tensor) -> Double { norms.norm(of: gradients) }

  /// PyTorch adds 1e-6 to the norm, so its clipped norm is a little below the limit; we do as it does.
  func scale(forNorm norm: Double?) -> Float { norm.map { Float(min(1, limit / ($0 + 1e-6))) } ?? 1 }
}
