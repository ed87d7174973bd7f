import Buffers
import Kernels

/// A list of layers and the loss at its end, as a plain value that has been checked: every shape fits.
public struct Model: Sendable {
  /// For people and records.
  public let name: String
  /// The function of outputs and labels that training makes small.
  public let loss: any Loss
  /// Where each parameter lies in a flat arena. Its layers are the model's nodes.
  public let layout: ParameterLayout
  /// Of its products and convolutions, in training and whenever else it runs.
  public var precision = ProductPrecision.float32
  let graph: Graph
  /// Layers at the end that are for training alone.
  private let headLayers: Int

  /// - Parameter headLayers: so many layers at the end, none of them made of others, are for training alone: what goes into the
  ///   first of them is the model's representation of a sample.
  /// - Throws: `LayerError`, naming the layer, where a layer does not fit what comes before it.
  public init(
    name: String, input: Shape, layers: [any Component], headLayers: Int = 0, loss: any Loss = SoftmaxCrossEntropy()
  ) throws {
    precondition(headLayers == 0 || headLayers < layers.count, "a head of \(headLayers) of \(layers.count) layers")
    guard !layers.isEmpty else { throw LayerError("\(name): a model needs at least one layer") }
    let graph = try LayerError.naming(name) { try Graph(layers, input: input) }
    try LayerError.naming("\(name): loss") { try loss.validate(outputs: graph.output.shape) }
    self.name = name
    self.loss = loss
    self.graph = graph
    self.headLayers = headLayers
    layout = graph.layout
  }

  /// The first node of the head; nil where there is none.
  var head: Int? { headLayers > 0 ? graph.nodes.count - headLayers : nil }

  /// Shape of a sample's representation, which goes into the head; nil where there is none.
  public var representation: Shape? { head.map { graph.nodes[$0].inputs[0].shape } }

  /// Shape of one input sample.
  public var input: Shape { graph.input.shape }

  /// Shape of one output sample.
  public var output: Shape { graph.output.shape }

  /// As `layerDone` numbers them: in an order in which they can run.
  public var nodes: [ModelNode] { graph.nodes.map(ModelNode.init) }

  /// A composite before what it is made of, branches in order.
  public var listing: [ModelNode] { graph.listed.map { ModelNode(graph.nodes[$0]) } }

  /// As `listing`: `dense1`, `relu1`, `dense2`. Unique.
  public var layerNames: [String] { listing.map(\.name) }

  /// For people: one line a layer (name, output shape, how many numbers it learns), what stands in a composite indented,
  /// and one line for the whole.
  public var summary: [String] {
    ["\(name): input \(input)"] + listing.map(\.line) + ["\(loss.name), \(layout.trainedCount) parameters"]
  }
}
