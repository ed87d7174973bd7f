import Buffers

/// One layer's share of the memory that a model is given.
struct LayerMemory {
  let parameters: [Tensor]
  /// Empty where only evaluation is asked for, as `rowGradients`.
  let gradients: [Tensor]
  let rowGradients: [RowGradients]

  /// The share of each of the layout's layers.
  static func shares(
    _ layout: ParameterLayout, _ parameters: Tensor, _ gradients: Tensor?, _ tables: TableGradients?
  ) -> [LayerMemory] {
    let parameterViews = layout.views(of: parameters)
    let gradientViews = gradients.map { layout.views(of: $0) }
    let tableLayers = layout.tables.map(\.layer)
    return parameterViews.indices.map { layer in
      LayerMemory(
        parameters: parameterViews[layer], gradients: gradientViews?[layer] ?? [],
        rowGradients: zip(tableLayers, tables?.tables ?? []).filter { $0.0 == layer }.map(\.1))
    }
  }
}
