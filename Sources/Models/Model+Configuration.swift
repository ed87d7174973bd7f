import Buffers
import Configuration
import Layers

extension Model {
  /// The model that a run file names or writes down, for samples of shape `input` in `classes` classes.
  ///
  /// - Parameters:
  ///   - idFields: of click data; nil for all other. Click data have one score a sample and binary cross-entropy.
  ///   - ghostBatch: samples that batch norm normalises together.
  ///   - contrastive: the scores give way to a projection head, and the loss is NT-Xent; nil for a model that learns labels.
  /// - Throws: `LayerError`, with the place where a layer was written and the shapes that do not fit.
  public init(
    _ configuration: ModelConfiguration, input: Shape, classes: Int, idFields: IDFields? = nil, ghostBatch: Int,
    contrastive: ContrastiveConfiguration? = nil
  ) throws {
    let purpose = ModelPurpose(input: input, classes: classes, idFields: idFields, ghostBatch: ghostBatch)
    let list = try configuration.list(for: purpose, contrastive)
    try Self.requireIDsRead(list, configuration, purpose)
    let ofLabels: any Loss = idFields == nil ? SoftmaxCrossEntropy() : BinaryCrossEntropy()
    let loss = contrastive?.loss ?? ofLabels
    let components = try list.components(for: purpose)
    do {
      try self.init(
        name: configuration.name, input: input, layers: components, headLayers: contrastive?.headList.count ?? 0,
        loss: loss)
      if contrastive == nil { try requireOutputs(purpose) }
    } catch let error as LayerError {
      // An error of the whole stands at its end.
      throw list.last?.place.map(error.written) ?? error
    }
  }

  private func requireOutputs(_ purpose: ModelPurpose) throws {
    guard output != Shape(purpose.outputs) else { return }
    throw LayerError(
      "\(name): the last layer gives \(output), and these data need \(Shape(purpose.outputs)), "
        + "a score for each class (click data: one): end with dense: {width: classes}")
  }

  private static func requireIDsRead(
    _ list: [LayerConfiguration], _ configuration: ModelConfiguration, _ purpose: ModelPurpose
  ) throws {
    guard let fields = purpose.idFields, !LayerConfiguration.all(of: list).contains(where: \.entry.readsIDs) else {
      return
    }
    let kinds = ClickModelConfiguration.Kind.allCases.map(\.rawValue).joined(separator: ", ")
    throw LayerError(
      "\(configuration.name) takes no ids, and these samples have \(fields.count) fields of them: use model.kind logistic, "
        + "a click model (\(kinds)), or layers with an embedding or idWeights")
  }
}
