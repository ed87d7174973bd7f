import Buffers

/// One layer of a model, or what brings branches together, in its place.
public struct ModelNode: Sendable {
  /// Unique within the model: `branches1.deep.dense1`.
  public let name: String
  /// Nil for what brings branches together.
  public let layer: (any Layer)?
  /// Shapes per sample; several where branches are brought together.
  public let inputs: [Shape]
  /// Shape per sample.
  public let output: Shape
  /// In the order of `Layer.parameters`.
  public let parameters: [Parameter]
  /// How many composites it stands in.
  public let depth: Int
  /// Without the composites that it stands in; with the branch: `deep.dense1`.
  public let shortName: String
  /// For instance `sum of ids, values`; empty for a layer.
  public let joins: String

  init(_ node: Graph.Node) {
    name = node.place.name
    layer = node.work.layer
    inputs = node.inputs.map(\.shape)
    output = node.output.shape
    parameters = node.parameters
    depth = node.place.depth
    shortName = node.place.name.split(separator: ".").suffix(depth == 0 ? 1 : 2).joined(separator: ".")
    if case .join(let join) = node.work {
      joins = (join.combination == .sum ? "sum of " : "concatenation of ") + join.names.joined(separator: ", ")
    } else {
      joins = ""
    }
  }

  /// How many numbers training changes by gradient.
  public var learntCount: Int {
    parameters.reduce(0) { $0 + ($1.isStatistic ? 0 : $1.shape.count) }
  }

  /// For people.
  var line: String {
    String(repeating: "  ", count: depth) + "\(shortName) → \(output)" + (joins.isEmpty ? "" : ", \(joins)")
      + (learntCount == 0 ? "" : ", \(learntCount) parameters")
  }
}
