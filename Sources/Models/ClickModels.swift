import Buffers
import Configuration
import Layers

/// Models of click data as lists of layers: what goes in are a sample's dense values; its ids come with the pass. Each
/// gives one score.
struct ClickModels {
  let fields: IDFields
  /// Dense values of a sample.
  let values: Int

  /// A weight for each id and each dense value.
  var logistic: Branches { Branches(["ids": [idWeights], "values": [Dense(1)]], combine: .sum) }

  func layers(_ model: ClickModelConfiguration) -> [any Layer] {
    let embedding = embedding(model)
    let interaction = FactorizationInteraction(fields: fields.count, width: model.embedding)
    switch model.kind {
    case .factorizationMachine: return beside("pairs", [embedding, interaction])
    case .wideAndDeep: return beside("deep", [embedding] + deep(model) + [Dense(1)])
    case .deepfm:
      let both = Branches(["deep": deep(model) + [Dense(1)], "pairs": [interaction]], combine: .sum)
      return beside("embedded", [embedding, both])
    case .dcnv2:
      let both = Branches(["cross": [Cross(model.crossLayers)], "deep": deep(model)], combine: .concatenate)
      return [embedding, both, Dense(1)]
    case .dlrm:
      let interaction = DotInteraction(width: model.embedding, keepsLast: values > 0)
      return bottom(model) + [embedding, interaction] + deep(model) + [Dense(1)]
    }
  }

  private var idWeights: FieldLinear { FieldLinear(rows: fields.rows, fields: fields.count) }

  private func embedding(_ model: ClickModelConfiguration) -> Embedding {
    Embedding(
      rows: fields.rows, fields: fields.count, width: model.embedding, deviation: Float(model.embeddingDeviation))
  }

  /// Adds a chain's score to those of the ids and dense values by themselves.
  private func beside(_ name: String, _ layers: [any Layer]) -> [any Layer] {
    [Branches(["ids": [idWeights], "values": [Dense(1)], name: layers], combine: .sum)]
  }

  private func deep(_ model: ClickModelConfiguration) -> [any Layer] {
    model.widths.flatMap { Self.hidden($0, dropout: model.dropout) }
  }

  /// Makes the dense values a vector like an embedding. Without dense values there is nothing to make it of.
  private func bottom(_ model: ClickModelConfiguration) -> [any Layer] {
    values == 0 ? [] : (model.bottomWidths + [model.embedding]).flatMap { Self.hidden($0, dropout: 0) }
  }

  private static func hidden(_ width: Int, dropout: Double) -> [any Layer] {
    [Dense(width), ReLU()] + (dropout > 0 ? [Dropout(dropout)] : [])
  }
}
