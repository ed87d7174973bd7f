import Buffers
import Configuration
import Layers

extension Model {
  /// The model that a run file names, for samples of shape `input` in `classes` classes.
  ///
  /// - Parameter ghostBatch: samples that batch norm normalises together.
  public init(_ configuration: ModelConfiguration, input: Shape, classes: Int, ghostBatch: Int) throws {
    let layers: [any Layer]
    switch configuration {
    case .mlp(let widths, let batchNorm, let dropout):
      layers = Self.mlp(widths, classes, ghostBatch: batchNorm ? ghostBatch : nil, dropout: dropout)
    case .cnn(let filters, let hidden, let batchNorm, let dropout):
      layers = Self.cnn(filters, hidden, classes, ghostBatch: batchNorm ? ghostBatch : nil, dropout: dropout)
    case .logistic:
      layers = [Dense(classes)]
    case .custom(let name):
      throw LayerError("the model '\(name)' is a program's own: only that program can make it")
    }
    try self.init(name: configuration.name, input: input, layers: Self.flattening(layers, input))
  }

  /// Dense layers, each followed by batch norm if asked for, ReLU and dropout if asked for; then one dense layer.
  private static func mlp(_ widths: [Int], _ classes: Int, ghostBatch: Int?, dropout: Double) -> [any Layer] {
    widths.flatMap { [Dense($0)] + after(ghostBatch: ghostBatch, dropout: dropout) } + [Dense(classes)]
  }

  private static func after(ghostBatch: Int?, dropout: Double) -> [any Layer] {
    var layers: [any Layer] = []
    layers.append(ReLU())
    if dropout > 0 { layers.append(Dropout(dropout)) }
    return layers
  }

  private static func cnn(
    _ filters: [Int], _ hidden: Int, _ classes: Int, ghostBatch: Int?, dropout: Double
  ) -> [any Layer] {
    []
  }

  /// A dense layer takes flat samples.
  private static func flattening(_ layers: [any Layer], _ input: Shape) -> [any Layer] {
    input.rank > 1 && layers.first is Dense ? [Flatten()] + layers : layers
  }
}

extension ModelConfiguration {
  /// As in a run file.
  public var name: String {
    switch self {
    case .mlp: "mlp"
    case .cnn: "cnn"
    case .logistic: "logistic"
    case .custom(let name): name
    }
  }
}
