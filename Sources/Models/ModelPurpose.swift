import Buffers

/// The data that a model is for: a list of layers is completed with them.
struct ModelPurpose {
  /// Shape of one sample; the dense values of click data.
  let input: Shape
  /// Scores of one sample: one a class; one for click data.
  let outputs: Int
  /// Nil where samples have no ids.
  let idFields: IDFields?
  /// Samples that batch norm normalises together.
  let ghostBatch: Int

  init(input: Shape, classes: Int, idFields: IDFields?, ghostBatch: Int) {
    self.input = input
    outputs = idFields == nil ? classes : 1
    self.idFields = idFields.flatMap { $0.count > 0 ? $0 : nil }
    self.ghostBatch = ghostBatch
  }

  var isImage: Bool { input.rank > 1 }
}
