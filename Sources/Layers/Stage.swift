import Buffers

/// What a network runs as one: a layer, those that it absorbed, and any reshapes before it.
struct Stage {
  let layer: any Layer
  /// The chain's layers that it does the work of, reshapes among them.
  let members: Range<Int>
  /// Of those, the one whose parameters, place and name it has.
  let index: Int
  /// Per sample.
  let input: Shape
  /// Per sample.
  let output: Shape

  /// Cuts a chain into stages, in forward order; together their members are all layers.
  static func plan(_ chain: Chain) -> [Stage] {
    var stages: [Stage] = []
    var first = 0
    while first < chain.layers.count {
      let stage = next(chain, from: first)
      stages.append(stage)
      first = stage.members.upperBound
    }
    return stages
  }

  private static func next(_ chain: Chain, from first: Int) -> Stage {
    // A reshape at the very end has no layer to go with and runs by itself.
    let index = chain.layers.indices[first...].first { !chain.layers[$0].isReshape } ?? first
    var layer = chain.layers[index]
    var end = index + 1
    while end < chain.layers.count, let both = layer.absorbing(chain.layers[end], input: chain.shapes[index]) {
      layer = both
      end += 1
    }
    return Stage(
      layer: layer, members: first..<end, index: index, input: chain.shapes[index], output: chain.shapes[end])
  }
}
