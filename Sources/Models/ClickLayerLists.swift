import Configuration

/// Lists that the names of click models stand for: what goes in are a sample's dense values; its ids come beside them. Each
/// gives one score.
struct ClickLayerLists {
  let model: ClickModelConfiguration
  /// Whether samples have dense values.
  let hasValues: Bool

  /// A weight for each id and each dense value.
  static var logistic: LayerConfiguration {
    sum([.init("ids", [.init(.idWeights)]), .init("values", [.dense(.classes)])])
  }

  var layers: [LayerConfiguration] {
    switch model.kind {
    case .factorizationMachine: return beside("pairs", [embedding, factorization])
    case .wideAndDeep: return beside("deep", [embedding] + deep + [.dense(.classes)])
    case .deepfm:
      let both = Self.sum([.init("deep", deep + [.dense(.classes)]), .init("pairs", [factorization])])
      return beside("embedded", [embedding, both])
    case .dcnv2:
      let cross = LayerConfiguration.Branch("cross", [.init(.cross(depth: model.crossLayers))])
      return [embedding, .init(.concatenate(branches: [cross, .init("deep", deep)])), .dense(.classes)]
    case .dlrm:
      let interaction = LayerConfiguration(.dotInteraction(width: model.embedding, keepsLast: hasValues))
      return bottom + [embedding, interaction] + deep + [.dense(.classes)]
    }
  }

  private var embedding: LayerConfiguration {
    .init(.embedding(width: model.embedding, deviation: model.embeddingDeviation))
  }

  private var factorization: LayerConfiguration { .init(.factorization(width: model.embedding)) }

  /// Adds a list's score to those of the ids and dense values by themselves.
  private func beside(_ name: String, _ layers: [LayerConfiguration]) -> [LayerConfiguration] {
    guard case .sum(let branches) = Self.logistic.kind else { preconditionFailure("logistic is a sum") }
    return [Self.sum(branches + [.init(name, layers)])]
  }

  private static func sum(_ branches: [LayerConfiguration.Branch]) -> LayerConfiguration {
    .init(.sum(branches: branches))
  }

  private var deep: [LayerConfiguration] {
    model.widths.flatMap { Self.hidden($0, batchNorm: model.batchNorm ?? false, dropout: model.dropout) }
  }

  /// Makes the dense values a vector like an embedding. Without dense values there is nothing to make it of.
  private var bottom: [LayerConfiguration] {
    hasValues
      ? ((model.bottomWidths ?? []) + [model.embedding]).flatMap { Self.hidden($0, batchNorm: false, dropout: 0) } : []
  }

  private static func hidden(_ width: Int, batchNorm: Bool, dropout: Double) -> [LayerConfiguration] {
    [.dense(.units(width))] + LayerLists.activation(batchNorm, dropout: dropout)
  }
}
