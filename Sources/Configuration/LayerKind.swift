/// All that a layer's word is in a run file: its case, its keys, how they are read and how they are shown. Adding a layer changes
/// this file, and no other of this module.
extension LayerConfiguration {
  /// The layers that a list may hold; `docs/configuration.md` has their keys, defaults and shapes.
  public indirect enum Kind: Equatable, Sendable {
    /// y = x·W + b.
    case dense(width: Width)
    /// - Parameter padding: zeros on each side.
    case convolution(filters: Int, kernel: Int, stride: Int, padding: Int, bias: Bool)
    case batchNorm
    case groupNorm(groups: Int)
    case relu
    /// The highest value of each channel under a square window.
    case maxPool(size: Int, stride: Int, padding: Int)
    /// The mean of each channel under a square window.
    case averagePool(size: Int, stride: Int)
    /// The mean of each channel over the whole image.
    case globalAveragePool
    /// An image as one row of numbers.
    case flatten
    /// Zeroes numbers with probability `rate` in training.
    case dropout(rate: Double)
    /// Every `stride`-th position, with channels of zeros around its own.
    case subsample(stride: Int, channels: Int)
    /// - Parameter projection: empty where the layers keep the shape.
    case residual(layers: [LayerConfiguration], projection: [LayerConfiguration])
    /// Branches whose outputs are added.
    case sum(branches: [Branch])
    /// Branches whose outputs are put side by side.
    case concatenate(branches: [Branch])
    /// A vector for each id, then the dense values.
    case embedding(width: Int, deviation: Double)
    /// A weight for each id; their sum is one score.
    case idWeights
    /// The dot products of all pairs of embeddings, as one score.
    case factorization(width: Int)
    /// Cross layers of DCN-V2.
    case cross(depth: Int)
    /// The dot products of all pairs of vectors of `width` numbers, as DLRM has them.
    case dotInteraction(width: Int, keepsLast: Bool)
  }
}

/// The layers that a list may hold.
enum LayerKey: String, SectionKey {
  case dense, convolution, batchNorm, groupNorm, relu, maxPool, averagePool, globalAveragePool, flatten, dropout
  case subsample
  case residual, sum, concatenate
  case embedding, idWeights, factorization, cross, dotInteraction
}

/// Keys of a layer's section.
enum LayerParameterKey: String, SectionKey {
  case width, filters, kernel, stride, padding, bias, size, rate, channels, layers, projection, branches, name,
    deviation, depth, keepsLast, groups
}

extension LayerKey {
  /// Keys of its section.
  var parameters: [LayerParameterKey] {
    switch self {
    case .dense, .factorization: [.width]
    case .convolution: [.filters, .kernel, .stride, .padding, .bias]
    case .batchNorm, .relu, .globalAveragePool, .flatten, .idWeights: []
    case .groupNorm: [.groups]
    case .maxPool: [.size, .stride, .padding]
    case .averagePool: [.size, .stride]
    case .dropout: [.rate]
    case .subsample: [.stride, .channels]
    case .residual: [.layers, .projection]
    case .sum, .concatenate: [.branches]
    case .embedding: [.width, .deviation]
    case .cross: [.depth]
    case .dotInteraction: [.width, .keepsLast]
    }
  }
}

extension LayerSection {
  /// The layer, with its defaults.
  func kind() throws -> LayerConfiguration.Kind {
    switch key {
    case .batchNorm: .batchNorm
    case .groupNorm: .groupNorm(groups: try width(.groups))
    case .relu: .relu
    case .globalAveragePool: .globalAveragePool
    case .flatten: .flatten
    case .idWeights: .idWeights
    case .dense: .dense(width: try denseWidth())
    case .convolution: try convolution()
    case .maxPool: .maxPool(size: try extent(.size), stride: try poolStride(), padding: try padding(0, below: .size))
    case .averagePool: .averagePool(size: try extent(.size), stride: try poolStride())
    case .dropout: .dropout(rate: try section.required(.rate).number(.belowOne))
    case .subsample: .subsample(stride: try extent(.stride), channels: try width(.channels))
    case .residual: .residual(layers: try layers(.layers), projection: try projection())
    case .sum: .sum(branches: try branches())
    case .concatenate: .concatenate(branches: try branches())
    case .embedding: .embedding(width: try vectorWidth(), deviation: try deviation())
    case .factorization: .factorization(width: try vectorWidth())
    case .cross: .cross(depth: try section.required(.depth).whole(in: 1...100))
    case .dotInteraction:
      .dotInteraction(width: try vectorWidth(), keepsLast: try section[.keepsLast]?.flag() ?? false)
    }
  }
}

extension LayerConfiguration.Kind {
  var key: LayerKey {
    switch self {
    case .dense: .dense
    case .convolution: .convolution
    case .batchNorm: .batchNorm
    case .groupNorm: .groupNorm
    case .relu: .relu
    case .maxPool: .maxPool
    case .averagePool: .averagePool
    case .globalAveragePool: .globalAveragePool
    case .flatten: .flatten
    case .dropout: .dropout
    case .subsample: .subsample
    case .residual: .residual
    case .sum: .sum
    case .concatenate: .concatenate
    case .embedding: .embedding
    case .idWeights: .idWeights
    case .factorization: .factorization
    case .cross: .cross
    case .dotInteraction: .dotInteraction
    }
  }

  /// In the order in which they are shown.
  var values: [(key: LayerParameterKey, value: Value)] {
    switch self {
    case .dense(.units(let width)): [(.width, .whole(width))]
    case .dense(.classes): [(.width, .word(LayerConfiguration.Width.classesWord))]
    case .convolution(let filters, let kernel, let stride, let padding, let bias):
      [
        (.filters, .whole(filters)), (.kernel, .whole(kernel)), (.stride, .whole(stride)), (.padding, .whole(padding)),
        (.bias, .flag(bias)),
      ]
    case .batchNorm, .relu, .globalAveragePool, .flatten, .idWeights: []
    case .groupNorm(let groups): [(.groups, .whole(groups))]
    case .maxPool(let size, let stride, let padding):
      [(.size, .whole(size)), (.stride, .whole(stride)), (.padding, .whole(padding))]
    case .averagePool(let size, let stride): [(.size, .whole(size)), (.stride, .whole(stride))]
    case .dropout(let rate): [(.rate, .number(rate))]
    case .subsample(let stride, let channels): [(.stride, .whole(stride)), (.channels, .whole(channels))]
    case .residual(let layers, let projection): [(.layers, .layers(layers)), (.projection, .layers(projection))]
    case .sum(let branches), .concatenate(let branches): [(.branches, .branches(branches))]
    case .embedding(let width, let deviation): [(.width, .whole(width)), (.deviation, .number(deviation))]
    case .factorization(let width): [(.width, .whole(width))]
    case .cross(let depth): [(.depth, .whole(depth))]
    case .dotInteraction(let width, let keepsLast): [(.width, .whole(width)), (.keepsLast, .flag(keepsLast))]
    }
  }
}
