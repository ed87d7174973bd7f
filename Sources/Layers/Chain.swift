import Buffers

/// Layers one after another, as a plain value that has been checked: every shape fits. None at all is the identity.
struct Chain: Sendable {
  let layers: [any Layer]
  /// Unique, in forward order: `dense1`, `relu1`, `dense2`.
  let names: [String]
  /// Per sample: `shapes[i]` goes into layer i and `shapes[i + 1]` comes out.
  let shapes: [Shape]

  /// Throws `LayerError`, naming the layer, where a layer does not fit what comes before it.
  init(_ layers: [any Layer], input: Shape) throws {
    let names = Self.names(of: layers)
    var shapes = [input]
    for (layer, layerName) in zip(layers, names) {
      shapes.append(try LayerError.naming(layerName) { try layer.outputShape(for: shapes.last!) })
    }
    self.layers = layers
    self.names = names
    self.shapes = shapes
  }

  /// Of one sample.
  var output: Shape { shapes.last! }

  /// Each layer's, named `prefix` and its name.
  func parameters(prefix: String = "") -> [[Parameter]] {
    layers.indices.map { layers[$0].parameters(named: prefix + names[$0], for: shapes[$0]) }
  }

  /// At least one line a layer.
  func summary(prefix: String = "") -> [String] {
    layers.indices.flatMap { index in
      layers[index].summary(named: prefix + names[index], input: shapes[index], output: shapes[index + 1])
    }
  }

  /// Each kind counted by itself, from 1.
  private static func names(of layers: [any Layer]) -> [String] {
    var counts: [String: Int] = [:]
    return layers.map { layer in
      counts[layer.kind, default: 0] += 1
      return "\(layer.kind)\(counts[layer.kind]!)"
    }
  }
}

extension LayerError {
  /// Puts `place` before the message of what goes wrong in `body`.
  static func naming<Result>(_ place: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as LayerError { throw LayerError("\(place): \(error)") }
  }
}
