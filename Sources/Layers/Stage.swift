import Buffers

/// What a network runs as one: a layer, those that it absorbed, and any reshapes before it.
struct Stage {
  let layer: any Layer
  /// The model's layers that it does the work of, reshapes among them.
  let members: Range<Int>
  /// Of those, the one whose parameters, place and name it has.
  let index: Int
  /// Per sample.
  let input: Shape
  /// Per sample.
  let output: Shape

  /// Cuts a model's chain into stages, in forward order; together their members are all layers.
  static func plan(_ model: Model) -> [Stage] {
    var stages: [Stage] = []
    var first = 0
    while first < model.layers.count {
      let stage = next(model, from: first)
      stages.append(stage)
      first = stage.members.upperBound
    }
    return stages
  }

  private static func next(_ model: Model, from first: Int) -> Stage {
    // A reshape at the very end has no layer to go with and runs by itself.
    let index = model.layers.indices[first...].first { !model.layers[$0].isReshape } ?? first
    var layer = model.layers[index]
    var end = index + 1
    while end < model.layers.count, let both = layer.absorbing(model.layers[end], input: model.shapes[index]) {
      layer = both
      end += 1
    }
    return Stage(
      layer: layer, members: first..<end, index: index, input: model.shapes[index], output: model.shapes[end])
  }
}
