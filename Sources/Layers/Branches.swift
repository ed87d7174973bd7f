/// Lists of components beside each other, all from the same input, whose outputs are added or put side by side. A list
/// without components gives the input as it is.
///
/// Parameters: those of the lists' layers, `branches1.deep.dense1.weight`.
public struct Branches: Component {
  /// How the branches' outputs become one.
  public enum Combination: Sendable {
    /// All outputs have one shape.
    case sum
    /// Flat outputs, in the order of the branches.
    case concatenate
  }

  /// Begins the names of its parameters: `branches`, or `residual` for a residual block.
  public let kind: String
  /// In order.
  public let branches: [(name: String, components: [any Component])]
  /// How the outputs become one.
  public let combination: Combination
  private let remedy: String

  /// - Parameters:
  ///   - branches: names and lists, in order.
  ///   - combination: of their outputs.
  public init(_ branches: [(name: String, components: [any Component])], combine combination: Combination) {
    self.init("branches", branches, combination, remedy: "branches of a sum must give one shape")
  }

  /// As the other initialiser, with the branches as a literal: `["deep": […], "cross": […]]`.
  public init(_ branches: KeyValuePairs<String, [any Component]>, combine combination: Combination) {
    self.init(branches.map { ($0.key, $0.value) }, combine: combination)
  }

  /// A residual block: what the layers give is added to what goes into them. He et al., "Deep Residual Learning for Image
  /// Recognition" (CVPR 2016), equations 1 and 2.
  ///
  /// Parameters: `residual1.layers.convolution1.weight`, `residual1.projection.convolution1.weight`.
  ///
  /// - Parameter projection: makes the shape of what `layers` give out of what goes into them; empty where it is the same.
  public static func residual(_ layers: [any Component], projection: [any Component] = []) -> Branches {
    Branches(
      "residual", [("layers", layers), (projection.isEmpty ? "input" : "projection", projection)], .sum,
      remedy: projection.isEmpty
        ? "give the block a 'projection' that makes the one shape of the other, such as a 1×1 convolution with the same "
          + "filters and stride"
        : "let the projection give the layers' shape")
  }

  private init(
    _ kind: String, _ branches: [(name: String, components: [any Component])], _ combination: Combination,
    remedy: String
  ) {
    self.kind = kind
    self.branches = branches
    self.combination = combination
    self.remedy = remedy
  }

  /// The last branch first, so that backward the first does: see `Graph`. Throws `LayerError` where there are no
  /// branches, two have one name, or their outputs do not fit together.
  public func add(to graph: inout Graph, at place: GraphPlace, input: Graph.Value) throws -> Graph.Value {
    guard branches.count > 0 else { throw LayerError("there are no branches") }
    guard Set(branches.map(\.name)).count == branches.count else { throw LayerError("two branches have the same name") }
    var outputs: [Graph.Value] = []
    for (number, branch) in branches.enumerated().reversed() {
      let (prefix, path) = place.branch(number, branch.name)
      outputs.append(
        try LayerError.naming(branch.name) {
          try graph.add(branch.components, prefix: prefix, path: path, input: input)
        })
    }
    let join = Join(combination, names: branches.map(\.name), remedy: remedy)
    return try graph.add(join, at: place, inputs: outputs.reversed())
  }
}
