import Configuration
import Layers

extension ModelConfiguration {
  /// As in a run file.
  public var name: String {
    switch self {
    case .layers: "layers"
    case .mlp: "mlp"
    case .cnn: "cnn"
    case .logistic: "logistic"
    case .resnet: "resnet"
    case .keskarC1: "keskarC1"
    case .click(let model): model.kind.rawValue
    case .custom(let name): name
    }
  }

  /// The layers that a name stands for.
  ///
  /// - Throws: `LayerError` where there are none for such data.
  func list(for purpose: ModelPurpose) throws -> [LayerConfiguration] {
    switch self {
    case .layers(let list): return list
    case .mlp(let widths, let batchNorm, let dropout):
      return purpose.flattening + LayerLists.mlp(widths, batchNorm: batchNorm, dropout: dropout)
    case .cnn(let filters, let hidden, let batchNorm, let dropout):
      return LayerLists.cnn(filters, hidden, batchNorm: batchNorm, dropout: dropout)
    case .logistic:
      return purpose.idFields == nil ? purpose.flattening + [.dense(.classes)] : [ClickLayerLists.logistic]
    case .resnet(let depth, let width, let normalization):
      return LayerLists.resnet(depth: depth, width: width, normalization)
    case .keskarC1: return LayerLists.keskarC1
    case .click(let model):
      guard purpose.idFields != nil else {
        throw LayerError(
          "\(name) needs samples with ids, and these have none: use model.kind mlp or logistic, or click data whose schema "
            + "has fields")
      }
      let values = purpose.input.count
      guard model.kind != .dlrm || model.bottomWidths != nil || values == 0 else {
        throw LayerError(
          "missing key 'model.bottomWidths': these data have \(values) dense values, which dlrm takes through layers of "
            + "their own: give their widths, such as [64], or [] for none")
      }
      return ClickLayerLists(model: model, hasValues: values > 0).layers
    case .custom(let name):
      throw LayerError("the model '\(name)' is a program's own: only that program can make it")
    }
  }
}

extension ModelPurpose {
  /// A dense layer takes flat samples.
  fileprivate var flattening: [LayerConfiguration] { isImage ? [.flatten] : [] }
}
