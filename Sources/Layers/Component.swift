/// A part of a model, described as a plain value: one layer (`Layer`), or layers beside each other (`Branches`).
public protocol Component: Sendable {
  /// For people and parameter names; a list makes it unique by numbering (`dense1`, `dense2`).
  var kind: String { get }

  /// Adds what it is made of to a model that is being put together.
  ///
  /// - Returns: what comes out of it.
  /// - Throws: `LayerError` where `input` does not fit.
  func add(to graph: inout Graph, at place: GraphPlace, input: Graph.Value) throws -> Graph.Value
}

extension Layer {
  /// A layer adds one node; throws `LayerError` where `input` does not fit.
  public func add(to graph: inout Graph, at place: GraphPlace, input: Graph.Value) throws -> Graph.Value {
    try graph.add(self, at: place, input: input)
  }
}
