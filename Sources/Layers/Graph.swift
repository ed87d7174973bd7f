import Buffers

/// A model's layers as one numbered list, in an order in which they can run: each comes after what goes into it. Backward
/// they run in exactly the opposite order.
///
/// A plain value that has been checked: every shape fits. The last of several branches comes first, so that backward
/// the first does.
public struct Graph: Sendable {
  /// An array that goes into a model or comes out of one of its nodes. Per sample.
  public struct Value: Sendable {
    /// 0 is the model's input, n + 1 comes out of node n.
    let number: Int
    /// Per sample, without the rows.
    public let shape: Shape
  }

  /// The work of a node.
  enum Work: Sendable {
    case layer(any Layer)
    case join(Join)

    var layer: (any Layer)? {
      if case .layer(let layer) = self { layer } else { nil }
    }
  }

  /// A layer, or what brings branches together.
  struct Node: Sendable {
    let work: Work
    let place: GraphPlace
    let inputs: [Value]
    let output: Value
    /// In the order of `Layer.parameters`.
    let parameters: [Parameter]
  }

  let input: Value
  private(set) var nodes: [Node] = []
  /// The model's output.
  private(set) var output: Value

  /// Puts components one after another. None at all is the identity.
  ///
  /// - Throws: `LayerError`, naming the layer, where one does not fit what comes before it.
  init(_ components: [any Component], input: Shape) throws {
    self.input = Value(number: 0, shape: input)
    output = self.input
    output = try add(components, prefix: "", path: [], input: self.input)
  }

  /// - Parameters:
  ///   - prefix: comes before each component's name.
  ///   - path: of the branch; empty for the model itself.
  mutating func add(_ components: [any Component], prefix: String, path: [Int], input: Value) throws -> Value {
    guard path.count / 2 <= GraphPlace.deepest else {
      throw LayerError("more than \(GraphPlace.deepest) composites stand in each other")
    }
    var value = input
    for (index, (component, name)) in zip(components, Self.names(of: components)).enumerated() {
      let place = GraphPlace(name: prefix + name, path: path + [index])
      value = try LayerError.naming(name) { try component.add(to: &self, at: place, input: value) }
    }
    return value
  }

  /// - Throws: `LayerError` where `input` does not fit.
  public mutating func add(_ layer: any Layer, at place: GraphPlace, input: Value) throws -> Value {
    let shape = try layer.outputShape(for: input.shape)
    let parameters = layer.parameters(named: place.name, for: input.shape)
    return try append(.layer(layer), at: place, [input], shape, parameters)
  }

  mutating func add(_ join: Join, at place: GraphPlace, inputs: [Value]) throws -> Value {
    try append(.join(join), at: place, inputs, try join.outputShape(for: inputs.map(\.shape)), [])
  }

  private mutating func append(
    _ work: Work, at place: GraphPlace, _ inputs: [Value], _ shape: Shape, _ parameters: [Parameter]
  ) throws -> Value {
    try LayerError.requireSize(of: shape, parameters)
    let output = Value(number: nodes.count + 1, shape: shape)
    nodes.append(Node(work: work, place: place, inputs: inputs, output: output, parameters: parameters))
    return output
  }

  /// Each kind counted by itself, from 1.
  private static func names(of components: [any Component]) -> [String] {
    var counts: [String: Int] = [:]
    return components.map { component in
      counts[component.kind, default: 0] += 1
      return "\(component.kind)\(counts[component.kind]!)"
    }
  }
}

extension Graph {
  /// Nodes as people list them: a composite before what it is made of, branches in order.
  var listed: [Int] {
    nodes.indices.sorted { nodes[$0].place.path.lexicographicallyPrecedes(nodes[$1].place.path) }
  }

  /// The arenas' layout. A file lists what is dense of a component of the model's list before its tables.
  var layout: ParameterLayout {
    let listed = listed
    let groups = listed.split { nodes[$0].place.path[0] != nodes[$1].place.path[0] }
    return ParameterLayout(layers: nodes.map(\.parameters), listing: groups)
  }
}

extension [Int] {
  /// Cuts where `cuts` says so of two neighbours.
  fileprivate func split(_ cuts: (Int, Int) -> Bool) -> [[Int]] {
    var groups: [[Int]] = []
    for element in self {
      if let last = groups.last?.last, !cuts(last, element) {
        groups[groups.count - 1].append(element)
      } else {
        groups.append([element])
      }
    }
    return groups
  }
}

extension LayerError {
  /// Beyond these no memory reaches, and products of them would no longer be whole numbers of 64 bits.
  fileprivate static func requireSize(of output: Shape, _ parameters: [Parameter]) throws {
    guard output.size <= 0x1p30 else { throw LayerError("its output for one sample, \(output), is too large") }
    if let parameter = parameters.first(where: { $0.shape.size > 0x1p48 }) {
      throw LayerError("its parameters \(parameter.name) \(parameter.shape) are too large")
    }
  }

  /// Puts `place` before the message of what goes wrong in `body`.
  static func naming<Result>(_ place: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as LayerError { throw error.inside(place) }
  }
}

extension Shape {
  /// As `count`, however large.
  fileprivate var size: Double { (0..<rank).reduce(1) { $0 * Double(self[$1]) } }
}
