import Buffers
import Configuration
import Layers

extension LayerConfiguration {
  /// The layer itself. Errors name the place where it was written.
  ///
  /// - Throws: `LayerError` where the data have nothing for it.
  func component(for purpose: ModelPurpose) throws -> any Component {
    guard let place else { return try unplaced(purpose) }
    do { return WrittenComponent(component: try unplaced(purpose), place: place) } catch let error as LayerError {
      throw error.written(at: place)
    }
  }

  private func unplaced(_ purpose: ModelPurpose) throws -> any Component {
    switch kind {
    case .dense(.units(let width)): return Dense(width)
    case .dense(.classes): return Dense(purpose.outputs)
    case .convolution(let filters, let kernel, let stride, let padding, let bias):
      return Convolution(filters, kernel: kernel, stride: stride, padding: padding, bias: bias)
    case .batchNorm: return BatchNorm(ghostBatch: purpose.ghostBatch)
    case .groupNorm(let groups): return GroupNorm(groups)
    case .relu: return ReLU()
    case .maxPool(let size, let stride, let padding): return MaxPool(size, stride: stride, padding: padding)
    case .averagePool(let size, let stride): return AveragePool(size, stride: stride)
    case .globalAveragePool: return GlobalAveragePool()
    case .flatten: return Flatten()
    case .dropout(let rate): return Dropout(rate)
    case .subsample(let stride, let channels): return Subsample(stride: stride, channels: channels)
    case .residual(let layers, let projection):
      return Branches.residual(
        try layers.components(for: purpose), projection: try projection.components(for: purpose))
    case .sum(let branches): return try Branches(branches, .sum, purpose)
    case .concatenate(let branches): return try Branches(branches, .concatenate, purpose)
    case .embedding(let width, let deviation):
      let fields = try purpose.requiredFields("embedding")
      return Embedding(
        rows: fields.rows, fields: fields.count, pooling: fields.pooling, width: width, deviation: Float(deviation))
    case .idWeights:
      let fields = try purpose.requiredFields("idWeights")
      return FieldLinear(rows: fields.rows, fields: fields.count, pooling: fields.pooling)
    case .factorization(let width):
      return FactorizationInteraction(fields: try purpose.requiredFields("factorization").count, width: width)
    case .cross(let depth): return Cross(depth)
    case .dotInteraction(let width, let keepsLast): return DotInteraction(width: width, keepsLast: keepsLast)
    }
  }
}

extension [LayerConfiguration] {
  func components(for purpose: ModelPurpose) throws -> [any Component] {
    try map { try $0.component(for: purpose) }
  }
}

extension Branches {
  fileprivate init(
    _ branches: [LayerConfiguration.Branch], _ combination: Combination, _ purpose: ModelPurpose
  ) throws {
    self.init(try branches.map { ($0.name, try $0.layers.components(for: purpose)) }, combine: combination)
  }
}

extension ModelPurpose {
  fileprivate func requiredFields(_ layer: String) throws -> IDFields {
    guard let idFields else {
      throw LayerError("\(layer) needs samples with ids, and these have none: use click data whose schema has fields")
    }
    return idFields
  }
}

/// A component that somebody wrote at a place of a file.
private struct WrittenComponent: Component {
  let component: any Component
  let place: String

  var kind: String { component.kind }

  func add(to graph: inout Graph, at place: GraphPlace, input: Graph.Value) throws -> Graph.Value {
    do { return try component.add(to: &graph, at: place, input: input) } catch let error as LayerError {
      throw error.written(at: self.place)
    }
  }
}
