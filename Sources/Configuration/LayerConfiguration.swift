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

  /// The layers that a list may hold; `docs/configuration.md` has their keys, defaults and shapes.
  public indirect enum Kind: Equatable, Sendable {
    case dense(width: Width)
    /// - Parameter padding: zeros on each side.
    case convolution(filters: Int, kernel: Int, stride: Int, padding: Int, bias: Bool)
    case batchNorm
    case relu
    case maxPool(size: Int, stride: Int, padding: Int)
    case averagePool(size: Int, stride: Int)
    case globalAveragePool
    case flatten
    case dropout(rate: Double)
    /// Every `stride`-th position, with channels of zeros around its own.
    case subsample(stride: Int, channels: Int)
    /// - Parameter projection: empty where the layers keep the shape.
    case residual(layers: [LayerConfiguration], projection: [LayerConfiguration])
    case sum(branches: [Branch])
    case concatenate(branches: [Branch])
    case embedding(width: Int, deviation: Double)
    case idWeights
    case factorization(width: Int)
    case cross(depth: Int)
    case dotInteraction(width: Int, keepsLast: Bool)
  }

  /// Units of a dense layer.
  public enum Width: Equatable, Sendable {
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

/// The layers that a list may hold.
enum LayerKey: String, SectionKey {
  case dense, convolution, batchNorm, relu, maxPool, averagePool, globalAveragePool, flatten, dropout, subsample
  case residual, sum, concatenate
  case embedding, idWeights, factorization, cross, dotInteraction
}

/// Keys of a layer's section.
enum LayerParameterKey: String, SectionKey {
  case width, filters, kernel, stride, padding, bias, size, rate, channels, layers, projection, branches, name,
    deviation, depth, keepsLast
}
