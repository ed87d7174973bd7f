extension OptimizerConfiguration {
  /// Sharpness-aware minimisation (Foret et al. 2021): a step's gradient is taken at w + ε, ε = radius · g ÷ ‖g‖, where g is the
  /// gradient at w, and applied at w by whatever rule `kind` is.
  public struct SharpnessAware: Encodable, Equatable, Sendable {
    /// ρ: how far weights are moved.
    public var radius: Double
    /// Whose gradient they are moved by.
    public var by: By
    /// ASAM (Kwon et al. 2021): ε = radius · T² g ÷ ‖T g‖, where T is |w| + 0.01 for each weight of an array with several
    /// dimensions, and 1 for biases and norms' weights.
    public var adaptive: Bool

    /// With a run file's defaults.
    public init(radius: Double = 0.05, by: By = .global, adaptive: Bool = false) {
      self.radius = radius
      self.by = by
      self.adaptive = adaptive
    }

    /// The gradients that weights may be moved by.
    public enum By: String, Encodable, CaseIterable, Sendable {
      /// That of the global batch: two exchanges a step.
      case global
      /// Each microbatch's own, for that microbatch (m-sharpness): nothing is exchanged between its two passes.
      case microbatch
    }
  }
}

enum SharpnessAwareKey: String, SectionKey { case radius, by, adaptive }

extension OptimizerConfiguration.SharpnessAware {
  init(_ section: Section<SharpnessAwareKey>) throws {
    self.init()
    radius = try section[.radius]?.number(.positive) ?? radius
    by = try section[.by]?.choice() ?? by
    adaptive = try section[.adaptive]?.flag() ?? adaptive
  }
}
