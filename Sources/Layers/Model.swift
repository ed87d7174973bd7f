import Buffers

/// A chain of layers and the loss at its end, as a plain value that has been checked: every shape fits.
public struct Model: Sendable {
  /// For people and records.
  public let name: String
  /// Of one sample.
  public let input: Shape
  public let layers: [any Layer]
  public let loss: any Loss
  /// Unique, in forward order: `dense1`, `relu1`, `dense2`.
  public let layerNames: [String]
  /// Per sample: `shapes[i]` goes into layer i and `shapes[i + 1]` comes out.
  public let shapes: [Shape]
  /// Where each parameter lies in a flat arena.
  public let layout: ParameterLayout

  /// Throws `LayerError`, naming the layer, where a layer does not fit what comes before it.
  public init(name: String, input: Shape, layers: [any Layer], loss: any Loss = SoftmaxCrossEntropy()) throws {
    guard !layers.isEmpty else { throw LayerError("\(name): a model needs at least one layer") }
    let names = Self.names(of: layers)
    var shapes = [input]
    for (layer, layerName) in zip(layers, names) {
      shapes.append(try Self.naming("\(name): \(layerName)") { try layer.outputShape(for: shapes.last!) })
    }
    try Self.naming("\(name): loss") { try loss.validate(outputs: shapes.last!) }
    self.name = name
    self.input = input
    self.layers = layers
    self.loss = loss
    self.shapes = shapes
    layerNames = names
    layout = ParameterLayout(
      layers: layers.indices.map { layers[$0].parameters(named: names[$0], for: shapes[$0]) })
  }

  /// Of one sample.
  public var output: Shape { shapes.last! }

  /// One line a layer (name, output shape, how many numbers it learns) and one for the whole.
  public var summary: [String] {
    let lines = layers.indices.map { index in
      "\(layerNames[index]) → \(shapes[index + 1])" + Self.count(layout.trainedCount(ofLayer: index))
    }
    return ["\(name): input \(input)"] + lines + ["\(loss.name), \(layout.trainedCount) parameters"]
  }

  private static func count(_ parameters: Int) -> String { parameters == 0 ? "" : ", \(parameters) parameters" }

  /// Each kind counted by itself, from 1.
  private static func names(of layers: [any Layer]) -> [String] {
    var counts: [String: Int] = [:]
    return layers.map { layer in
      counts[layer.kind, default: 0] += 1
      return "\(layer.kind)\(counts[layer.kind]!)"
    }
  }

  private static func naming<Result>(_ place: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as LayerError { throw LayerError("\(place): \(error)") }
  }
}

extension ParameterLayout {
  fileprivate func trainedCount(ofLayer layer: Int) -> Int {
    entries.filter { $0.layer == layer && $0.parameter.role != .statistic }.reduce(0) { $0 + $1.parameter.shape.count }
  }
}
