import Buffers
import Configuration
import Layers

extension ModelConfiguration {
  /// For people: the model's list as a run file would hold it, behind each layer its name, the shape of its output for one
  /// sample and how many numbers it learns; then their sum.
  ///
  /// - Throws: `LayerError`, as `Model`.
  public func inspection(
    input: Shape, classes: Int, idFields: IDFields? = nil, ghostBatch: Int, contrastive: ContrastiveConfiguration? = nil
  ) throws -> [String] {
    let purpose = ModelPurpose(input: input, classes: classes, idFields: idFields, ghostBatch: ghostBatch)
    let model = try Model(
      self, input: input, classes: classes, idFields: idFields, ghostBatch: ghostBatch, contrastive: contrastive)
    var nodes = model.listing[...]
    let lines = LayerConfiguration.lines(try list(for: purpose, contrastive), indent: "    ") {
      "  # " + nodes.removeFirst().note
    }
    return ["# \(name): input \(input)", "model:", "  layers:"] + lines
      + ["# sum: \(model.layout.trainedCount) parameters; \(model.loss.name)"]
  }
}

extension ModelNode {
  fileprivate var note: String {
    "\(shortName) → \(output)" + (learntCount == 0 ? "" : ", \(learntCount) parameters")
  }
}
