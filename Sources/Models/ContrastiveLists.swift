import Configuration
import Layers

extension ModelConfiguration {
  /// The layers that a name stands for; where samples are contrasted, the projection head stands in place of the dense layer
  /// that scores classes, so that all before that is the representation.
  ///
  /// - Throws: `LayerError` where the list does not end with that layer, or is nothing else.
  func list(
    for purpose: ModelPurpose, _ contrastive: ContrastiveConfiguration?
  ) throws -> [LayerConfiguration] {
    let list = try list(for: purpose)
    guard let contrastive else { return list }
    guard list.count > 1, let last = list.last, last.kind == .dense(width: .classes) else {
      throw LayerError(
        "\(name): contrastive puts a projection head in place of the scores, and this list does not end with layers and then "
          + "dense: {width: classes}")
    }
    return list.dropLast() + contrastive.headList
  }
}

extension ContrastiveConfiguration {
  /// Dense layers with ReLU between them (SimCLR's g).
  var headList: [LayerConfiguration] {
    Array(head.map { [LayerConfiguration.dense(.units($0))] }.joined(separator: [LayerConfiguration.relu]))
  }

  var loss: any Loss { NTXent(temperature: temperature, group: negatives) }
}
