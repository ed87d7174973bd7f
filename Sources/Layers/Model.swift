import Buffers

/// A chain of layers and the loss at its end, as a plain value that has been checked: every shape fits.
public struct Model: Sendable {
  /// For people and records.
  public let name: String
  public let loss: any Loss
  /// Where each parameter lies in a flat arena.
  public let layout: ParameterLayout
  let chain: Chain

  /// Throws `LayerError`, naming the layer, where a layer does not fit what comes before it.
  public init(name: String, input: Shape, layers: [any Layer], loss: any Loss = SoftmaxCrossEntropy()) throws {
    guard !layers.isEmpty else { throw LayerError("\(name): a model needs at least one layer") }
    let chain = try LayerError.naming(name) { try Chain(layers, input: input) }
    try LayerError.naming("\(name): loss") { try loss.validate(outputs: chain.output) }
    self.name = name
    self.loss = loss
    self.chain = chain
    layout = ParameterLayout(layers: chain.parameters())
  }

  /// Of one sample.
  public var input: Shape { chain.shapes[0] }

  /// Of one sample.
  public var output: Shape { chain.output }

  public var layers: [any Layer] { chain.layers }

  /// Unique, in forward order: `dense1`, `relu1`, `dense2`.
  public var layerNames: [String] { chain.names }

  /// Per sample: `shapes[i]` goes into layer i and `shapes[i + 1]` comes out.
  public var shapes: [Shape] { chain.shapes }

  /// One line a layer (name, output shape, how many numbers it learns), more for one that is made of layers, and one for
  /// the whole.
  public var summary: [String] {
    ["\(name): input \(input)"] + chain.summary() + ["\(loss.name), \(layout.trainedCount) parameters"]
  }
}
