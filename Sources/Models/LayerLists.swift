import Configuration

/// Lists that names in a run file stand for: models of images, and of numbers without ids.
enum LayerLists {
  /// Dense layers, each with what `activation` adds; then the scores.
  static func mlp(_ widths: [Int], batchNorm: Bool, dropout: Double) -> [LayerConfiguration] {
    widths.flatMap { [.dense(.units($0))] + activation(batchNorm, dropout: dropout) } + [.dense(.classes)]
  }

  /// 5×5 convolutions that keep the size, each with ReLU and 2×2 max pooling; a dense hidden layer; then the scores.
  static func cnn(_ filters: [Int], _ hidden: Int, batchNorm: Bool, dropout: Double) -> [LayerConfiguration] {
    filters.flatMap { [.convolution($0, kernel: 5)] + activation(batchNorm) + [.maxPool(2)] }
      + [.flatten, .dense(.units(hidden))] + activation(false, dropout: dropout) + [.dense(.classes)]
  }

  static func activation(_ batchNorm: Bool, dropout: Double = 0) -> [LayerConfiguration] {
    (batchNorm ? [.batchNorm] : []) + [.relu] + (dropout > 0 ? [.dropout(dropout)] : [])
  }

  /// The residual networks for 32×32 images of He et al., "Deep Residual Learning for Image Recognition" (CVPR 2016),
  /// section 4.2: three stages of n blocks of two 3×3 convolutions, with shortcuts that learn nothing (option A).
  ///
  /// - Parameters:
  ///   - depth: 6 · n + 2.
  ///   - width: times 16, 32 and 64 filters in the stages.
  ///   - normalization: nil for batch norm.
  static func resnet(
    depth: Int, width: Int, _ normalization: ResidualNormalization? = nil
  ) -> [LayerConfiguration] {
    let blocks = (depth - 2) / 6
    let stages = [16, 32, 64].enumerated().flatMap { stage, filters in
      (0..<blocks).flatMap { block in residual(filters * width, halves: stage > 0 && block == 0, normalization) }
    }
    return normalized(16 * width, normalization) + [.relu] + stages + [.globalAveragePool, .flatten, .dense(.classes)]
  }

  /// A 3×3 convolution and what follows it; a bias before a norm would be taken away again.
  private static func normalized(
    _ filters: Int, stride: Int = 1, _ normalization: ResidualNormalization?
  ) -> [LayerConfiguration] {
    let convolution = LayerConfiguration.convolution(
      filters, kernel: 3, stride: stride, bias: normalization == .nothing)
    switch normalization {
    case nil: return [convolution, .batchNorm]
    case .group: return [convolution, .init(.groupNorm(groups: groups))]
    case .nothing: return [convolution]
    }
  }

  /// The first stage's 16 channels are few; Wu and He's 32 groups are for ten times as many.
  private static let groups = 8

  /// - Parameter halves: to half the size, from half the filters.
  private static func residual(
    _ filters: Int, halves: Bool, _ normalization: ResidualNormalization?
  ) -> [LayerConfiguration] {
    let layers =
      normalized(filters, stride: halves ? 2 : 1, normalization) + [.relu] + normalized(filters, normalization)
    let projection: [LayerConfiguration] = halves ? [.init(.subsample(stride: 2, channels: filters))] : []
    return [.init(.residual(layers: layers, projection: projection)), .relu]
  }

  /// The shallow network C1 of Keskar et al., "On Large-Batch Training for Deep Learning" (ICLR 2017), as their code has
  /// it.
  static var keskarC1: [LayerConfiguration] {
    let pool = LayerConfiguration(.maxPool(size: 3, stride: 2, padding: 1))
    let convolutions: [LayerConfiguration] = (0..<2).flatMap { _ in
      [.convolution(64, kernel: 5), .batchNorm, .relu, pool]
    }
    let dense: [LayerConfiguration] = [384, 192].flatMap { width in
      [.dense(.units(width)), .batchNorm, .relu, .dropout(0.5)]
    }
    return convolutions + [.flatten] + dense + [.dense(.classes)]
  }
}

extension LayerConfiguration {
  static var batchNorm: Self { .init(.batchNorm) }
  static var relu: Self { .init(.relu) }
  static var flatten: Self { .init(.flatten) }
  static var globalAveragePool: Self { .init(.globalAveragePool) }
  static func dense(_ width: Width) -> Self { .init(.dense(width: width)) }
  static func dropout(_ rate: Double) -> Self { .init(.dropout(rate: rate)) }
  static func maxPool(_ size: Int) -> Self { .init(.maxPool(size: size, stride: size, padding: 0)) }

  /// With padding that keeps the size where the stride is 1.
  static func convolution(_ filters: Int, kernel: Int, stride: Int = 1, bias: Bool = true) -> Self {
    .init(.convolution(filters: filters, kernel: kernel, stride: stride, padding: kernel / 2, bias: bias))
  }
}
