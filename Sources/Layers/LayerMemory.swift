import Buffers

/// One layer's share of the memory that a model or a composite layer is given.
struct LayerMemory {
  var parameters: [Tensor] = []
  var gradients: [Tensor] = []
  var rowGradients: [RowGradients] = []

  /// Cuts what a composite layer is given (everything dense of all its layers, then all their tables) into its layers'
  /// shares, each in that same order.
  static func shares(of binding: LayerBinding, for layers: [[Parameter]]) -> [LayerMemory] {
    let denseCount = layers.joined().count { $0.role != .table }
    let tableViews = Array(binding.parameters[denseCount...])
    var dense = 0
    var table = 0
    return layers.map { parameters in
      let tables = parameters.count { $0.role == .table }
      let ownDense = dense..<dense + parameters.count - tables
      let ownTables = table..<table + tables
      (dense, table) = (ownDense.upperBound, ownTables.upperBound)
      return LayerMemory(
        parameters: Array(binding.parameters[ownDense]) + tableViews[ownTables],
        gradients: binding.goesBackward ? Array(binding.gradients[ownDense]) : [],
        rowGradients: binding.goesBackward ? Array(binding.rowGradients[ownTables]) : [])
    }
  }
}
