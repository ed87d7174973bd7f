import Buffers
import Configuration
import Layers

extension Model {
  /// The model that a run file names, for samples of shape `input` in `classes` classes.
  ///
  /// - Parameters:
  ///   - idFields: of click data; nil for all other. Click data have one score a sample and binary cross-entropy.
  ///   - ghostBatch: samples that batch norm normalises together.
  public init(
    _ configuration: ModelConfiguration, input: Shape, classes: Int, idFields: IDFields? = nil, ghostBatch: Int
  ) throws {
    let click = idFields.flatMap { $0.count > 0 ? ClickModels(fields: $0, values: input.count) : nil }
    let outputs = idFields == nil ? classes : 1
    let layers: [any Layer]
    switch configuration {
    case .mlp(let widths, let batchNorm, let dropout):
      try Self.refuseIDs(configuration, click)
      layers = Self.mlp(widths, outputs, ghostBatch: batchNorm ? ghostBatch : nil, dropout: dropout)
    case .cnn(let filters, let hidden, let batchNorm, let dropout):
      try Self.refuseIDs(configuration, click)
      layers = Self.cnn(filters, hidden, outputs, ghostBatch: batchNorm ? ghostBatch : nil, dropout: dropout)
    case .logistic:
      layers = click.map { [$0.logistic] } ?? [Dense(outputs)]
    case .click(let model):
      guard let click else {
        throw LayerError(
          "\(model.kind.rawValue) needs samples with ids, and these have none: use model.kind mlp or logistic, or click "
            + "data whose schema has fields")
      }
      layers = click.layers(model)
    case .custom(let name):
      throw LayerError("the model '\(name)' is a program's own: only that program can make it")
    }
    try self.init(
      name: configuration.name, input: input, layers: Self.flattening(layers, input),
      loss: idFields == nil ? SoftmaxCrossEntropy() : BinaryCrossEntropy())
  }

  private static func refuseIDs(_ configuration: ModelConfiguration, _ click: ClickModels?) throws {
    guard let click else { return }
    throw LayerError(
      "\(configuration.name) takes no ids, and these samples have \(click.fields.count) fields of them: use model.kind "
        + "logistic or a click model (\(ClickModelConfiguration.Kind.allCases.map(\.rawValue).joined(separator: ", ")))"
    )
  }

  /// Dense layers, each with what `activation` adds; then the scores.
  private static func mlp(_ widths: [Int], _ classes: Int, ghostBatch: Int?, dropout: Double) -> [any Layer] {
    widths.flatMap { [Dense($0)] + activation(ghostBatch, dropout: dropout) } + [Dense(classes)]
  }

  /// 5×5 convolutions that keep the size, each with ReLU and 2×2 max pooling; a dense hidden layer; then the scores.
  private static func cnn(
    _ filters: [Int], _ hidden: Int, _ classes: Int, ghostBatch: Int?, dropout: Double
  ) -> [any Layer] {
    filters.flatMap { [Convolution($0, kernel: 5)] + activation(ghostBatch) + [MaxPool(2)] }
      + [Flatten(), Dense(hidden)] + activation(nil, dropout: dropout) + [Dense(classes)]
  }

  private static func activation(_ ghostBatch: Int?, dropout: Double = 0) -> [any Layer] {
    let norm: [any Layer] = ghostBatch.map { [BatchNorm(ghostBatch: $0)] } ?? []
    let drop: [any Layer] = dropout > 0 ? [Dropout(dropout)] : []
    return norm + [ReLU()] + drop
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
    case .click(let model): model.kind.rawValue
    case .custom(let name): name
    }
  }
}
