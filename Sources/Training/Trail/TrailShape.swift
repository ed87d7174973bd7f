import Configuration

/// The sums that a trail has of every step, by name.
package struct TrailShape: Equatable, Sendable {
  /// What puts something out in the forward pass, in its order.
  package var layers: [String]
  /// The gradient's arrays in the order of the backward pass, tables last.
  package var gradients: [String]
  /// The state's arrays, in the order in which an update comes to them: "velocity of dense1.weights".
  package var state: [String]

  package init(layers: [String], gradients: [String], state: [String]) {
    (self.layers, self.gradients, self.state) = (layers, gradients, state)
  }
}

/// A trail's first lines.
package struct TrailHeader: Encodable, Equatable, Sendable {
  static let stored = StoredKind("a trail", version: 1, remedy: "make the run again with --trail")

  var version = Self.stored.version
  /// Version of Lockstep that wrote it.
  var lockstep = Lockstep.version
  /// Ranks that computed the run.
  package var ranks: Int
  /// Whether the gradient of a microbatch is its own; where not, it is the sum of it and its rank's before it.
  package var alone: Bool
  var layers, gradients, state: [String]

  package init(ranks: Int, alone: Bool, _ shape: TrailShape) {
    (self.ranks, self.alone) = (ranks, alone)
    (layers, gradients, state) = (shape.layers, shape.gradients, shape.state)
  }

  package var shape: TrailShape { TrailShape(layers: layers, gradients: gradients, state: state) }
}

private enum HeaderKey: String, SectionKey { case version, lockstep, ranks, alone, layers, gradients, state }

extension TrailHeader {
  /// - Parameter source: for errors.
  /// - Throws: `ConfigurationError`.
  init(_ json: UnsafeRawBufferPointer, source: String) throws {
    self = try Self.stored.read(json, source: source, line: nil) { node in
      let section = try Section<HeaderKey>(node)
      var header = Self(
        ranks: try section.required(.ranks).whole(in: 1...1 << 20), alone: try section.required(.alone).flag(),
        TrailShape(
          layers: try section.required(.layers).values { try $0.anyText() },
          gradients: try section.required(.gradients).values { try $0.anyText() },
          state: try section.required(.state).values { try $0.anyText() }))
      header.lockstep = try section.required(.lockstep).anyText()
      return header
    }
  }
}

/// A trail that cannot be read, written or compared.
struct TrailError: Error, CustomStringConvertible {
  /// One sentence.
  let description: String

  init(_ description: String) { self.description = description }
}
