/// One entry of a model's list of layers, as `model.layers` of a run file holds it.
public struct LayerConfiguration: Sendable {
  /// The layer, with its settings.
  public var kind: Kind
  /// File and line where it was written; nil in a list that a name stands for. Says nothing about the model.
  public var place: String?

  /// An entry that a program makes has no place.
  public init(_ kind: Kind, place: String? = nil) {
    self.kind = kind
    self.place = place
  }

  /// Units of a dense layer.
  public enum Width: Equatable, Sendable {
    /// A number that the file gives.
    case units(Int)
    /// As many as the data have classes; one for click data.
    case classes
  }

  /// One of the lists of layers that `sum` and `concatenate` put beside each other.
  public struct Branch: Encodable, Equatable, Sendable {
    /// Part of its parameters' names: letters and digits, at most 60.
    public var name: String
    /// The layers in order; empty for the input as it is.
    public var layers: [LayerConfiguration]

    /// Name and layers, as the run file has them.
    public init(_ name: String, _ layers: [LayerConfiguration]) {
      self.name = name
      self.layers = layers
    }
  }
}

extension LayerConfiguration: Equatable {
  /// Whatever place they were written at.
  public static func == (a: LayerConfiguration, b: LayerConfiguration) -> Bool { a.kind == b.kind }
}

extension LayerConfiguration {
  /// Whether it has a table, a row for each id.
  package var readsIDs: Bool {
    switch kind {
    case .embedding, .idWeights: true
    default: false
    }
  }
}
