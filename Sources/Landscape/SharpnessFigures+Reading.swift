import Configuration

private enum FiguresKey: String, SectionKey { case loss, gradientNorm, keskar, adaptive, topEigenvalue }

extension SharpnessFigures {
  /// As a stored trial holds them.
  ///
  /// - Throws: `ConfigurationError`, with file, line and key.
  package init(_ node: ConfigurationNode) throws {
    let section = try Section<FiguresKey>(node)
    self.init(
      loss: try section.required(.loss).figure(), gradientNorm: try section.required(.gradientNorm).figure(),
      keskar: try section.required(.keskar).values(KeskarSharpness.init),
      adaptive: try section.optional(.adaptive).map(AdaptiveSharpness.init),
      topEigenvalue: try section.optional(.topEigenvalue).map(TopEigenvalue.init))
  }
}

private enum KeskarKey: String, SectionKey {
  case dimensions, epsilon, phi, iterations, evaluations, end, phiBySigns, signSteps, signEnd, beganElsewhere
}

extension KeskarSharpness {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<KeskarKey>(node)
    self.init(
      dimensions: try section.optional(.dimensions)?.whole(), epsilon: try section.required(.epsilon).number(.positive),
      phi: try section.optional(.phi)?.figure(), iterations: try section.required(.iterations).whole(in: .counts),
      evaluations: try section.required(.evaluations).whole(in: .counts), end: try section.optional(.end)?.choice(),
      phiBySigns: try section.optional(.phiBySigns)?.figure(),
      signSteps: try section.required(.signSteps).whole(in: .counts),
      signEnd: try section.optional(.signEnd)?.choice(),
      beganElsewhere: try section.optional(.beganElsewhere)?.flag())
  }
}

private enum AdaptiveKey: String, SectionKey { case rho, growth, firstStep, iterations, end }

extension AdaptiveSharpness {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<AdaptiveKey>(node)
    self.init(
      rho: try section.required(.rho).number(.positive), growth: try section.optional(.growth)?.figure(),
      firstStep: try section.optional(.firstStep)?.figure(),
      iterations: try section.required(.iterations).whole(in: .counts), end: try section.optional(.end)?.choice())
  }
}

private enum EigenvalueKey: String, SectionKey { case value, residual, iterations }

extension TopEigenvalue {
  fileprivate init(_ node: ConfigurationNode) throws {
    let section = try Section<EigenvalueKey>(node)
    self.init(
      value: try section.optional(.value)?.figure(), residual: try section.optional(.residual)?.number(.any),
      iterations: try section.required(.iterations).whole(in: .counts))
  }
}

extension ClosedRange<Int> {
  fileprivate static let counts = 0...Int(Int32.max)
}
