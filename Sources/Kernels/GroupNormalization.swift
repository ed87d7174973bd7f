import Buffers

/// Group norm of samples `[positions, channels]`, each by itself: y = weight · (x − mean) ÷ √(variance + epsilon) + bias with
/// mean and (biased) variance over the positions and the channels of a group. Wu and He, "Group Normalization" (ECCV 2018).
public final class GroupNormalization {
  /// A multiple of the groups.
  public let channels: Int
  /// Groups of `channels ÷ groups` neighbours.
  public let groups: Int
  /// Added to the variance.
  public let epsilon: Float
  /// Two arrays `[channels]`: sums over positions, or factors and offsets.
  private let first: Tensor
  private let second: Tensor
  /// `[channels]`: each group's mean at its channels.
  private let centres: Tensor
  private let inverses: Tensor

  /// - Precondition: `groups` divides `channels`.
  public init(channels: Int, groups: Int, epsilon: Float) {
    precondition(groups > 0 && channels % groups == 0, "\(channels) channels in \(groups) groups")
    self.channels = channels
    self.groups = groups
    self.epsilon = epsilon
    first = Tensor(Shape(channels))
    second = Tensor(Shape(channels))
    centres = Tensor(Shape(channels))
    inverses = Tensor(Shape(channels))
  }

  /// Writes the outputs, and each sample's means and 1 ÷ √(variance + epsilon): `[rows, groups]` each.
  public func forward(
    _ values: Span<Float>, weight: Span<Float>, bias: Span<Float>, into results: inout MutableSpan<Float>,
    means: inout MutableSpan<Float>, inverseDeviations: inout MutableSpan<Float>
  ) {
    let size = sampleSize(values.count, results.count, statistics: means.count)
    precondition(inverseDeviations.count == means.count && weight.count == channels && bias.count == channels)
    for row in 0..<means.count / groups {
      let sample = values.extracting(row * size..<(row + 1) * size)
      findStatistics(sample)
      for group in 0..<groups {
        means[row * groups + group] = centres.buffer[group * channels / groups]
        inverseDeviations[row * groups + group] = inverses.buffer[group * channels / groups]
      }
      for channel in 0..<channels {
        let factor = weight[channel] * inverses.buffer[channel]
        first.buffer[channel] = factor
        second.buffer[channel] = bias[channel] - factor * centres.buffer[channel]
      }
      for start in positions(size) {
        for channel in 0..<channels {
          results[unchecked: row &* size &+ start &+ channel] = second.buffer[channel].addingProduct(
            sample[unchecked: start &+ channel], first.buffer[channel])
        }
      }
    }
  }

  /// Writes the gradient with respect to the values (which may be `gradients` itself) and adds those of weight and bias to `weightSums` and
  /// `biasSums`. With x̂ the normalised values and n their number in a group:
  /// (weight · g − mean(weight · g) − x̂ · mean(weight · g · x̂)) ÷ deviation.
  public func backward(
    _ values: Span<Float>, means: Span<Float>, inverseDeviations: Span<Float>, weight: Span<Float>,
    gradients: Span<Float>, into results: inout MutableSpan<Float>, weightSums: inout MutableSpan<Float>,
    biasSums: inout MutableSpan<Float>
  ) {
    let size = sampleSize(values.count, results.count, statistics: means.count)
    precondition(gradients.count == values.count && inverseDeviations.count == means.count)
    precondition(weight.count == channels && weightSums.count == channels && biasSums.count == channels)
    for row in 0..<means.count / groups {
      let range = row * size..<(row + 1) * size
      spread(means.extracting(row * groups..<(row + 1) * groups), over: centres)
      spread(inverseDeviations.extracting(row * groups..<(row + 1) * groups), over: inverses)
      sumGradients(values.extracting(range), gradients.extracting(range))
      for channel in 0..<channels {
        biasSums[channel] += first.buffer[channel]
        weightSums[channel] += second.buffer[channel]
      }
      averageOverGroups(weight, numbers: Float(size / groups))
      writeGradient(values.extracting(range), weight, gradients.extracting(range), into: &results, at: range.lowerBound)
    }
  }
}

extension GroupNormalization {
  // Unchecked as in `Bias`: the counts have been compared.

  /// Numbers of one sample.
  private func sampleSize(_ values: Int, _ results: Int, statistics: Int) -> Int {
    precondition(
      statistics > 0 && statistics % groups == 0 && values % (statistics / groups * channels) == 0 && results == values,
      "\(values) and \(results) values, \(statistics) statistics of \(groups) groups of \(channels) channels")
    return values / (statistics / groups)
  }

  /// Of one sample: each group's mean and inverse deviation at all of its channels. Two passes: squares are of what is left
  /// of the mean, as a mean far from 0 would leave no digits.
  private func findStatistics(_ sample: Span<Float>) {
    let numbers = Float(sample.count / groups)
    first.fill(0)
    for start in positions(sample.count) {
      for channel in 0..<channels { first.buffer[channel] += sample[unchecked: start &+ channel] }
    }
    average(first, into: centres) { $0 / numbers }
    second.fill(0)
    for start in positions(sample.count) {
      for channel in 0..<channels {
        let rest = sample[unchecked: start &+ channel] - centres.buffer[channel]
        second.buffer[channel] = second.buffer[channel].addingProduct(rest, rest)
      }
    }
    average(second, into: inverses) { 1 / ($0 / numbers + epsilon).squareRoot() }
  }

  /// Per channel: `first` = Σ g, `second` = Σ g · x̂.
  private func sumGradients(_ sample: Span<Float>, _ gradients: Span<Float>) {
    first.fill(0)
    second.fill(0)
    for start in positions(sample.count) {
      for channel in 0..<channels {
        let gradient = gradients[unchecked: start &+ channel]
        let rest = sample[unchecked: start &+ channel] - centres.buffer[channel]
        first.buffer[channel] += gradient
        second.buffer[channel] = second.buffer[channel].addingProduct(gradient, rest)
      }
    }
    for channel in 0..<channels { second.buffer[channel] *= inverses.buffer[channel] }
  }

  /// From sums per channel to weighted means per group, at all of its channels.
  private func averageOverGroups(_ weight: Span<Float>, numbers: Float) {
    for channel in 0..<channels {
      first.buffer[channel] *= weight[channel]
      second.buffer[channel] *= weight[channel]
    }
    average(first, into: first) { $0 / numbers }
    average(second, into: second) { $0 / numbers }
  }

  private func writeGradient(
    _ sample: Span<Float>, _ weight: Span<Float>, _ gradients: Span<Float>, into results: inout MutableSpan<Float>,
    at place: Int
  ) {
    for start in positions(sample.count) {
      for channel in 0..<channels {
        let inverse = inverses.buffer[channel]
        let normalized = (sample[unchecked: start &+ channel] - centres.buffer[channel]) * inverse
        let centred = (gradients[unchecked: start &+ channel] * weight[channel] - first.buffer[channel])
          .addingProduct(-normalized, second.buffer[channel])
        results[unchecked: place &+ start &+ channel] = inverse * centred
      }
    }
  }

  /// Where each position of a sample of `count` numbers begins.
  private func positions(_ count: Int) -> StrideTo<Int> { stride(from: 0, to: count, by: channels) }

  /// `finish` of each group's sum over its channels, at all of them.
  private func average(_ sums: Tensor, into results: Tensor, _ finish: (Float) -> Float) {
    let width = channels / groups
    for group in 0..<groups {
      var sum: Float = 0
      for channel in group * width..<(group + 1) * width { sum += sums.buffer[channel] }
      let value = finish(sum)
      for channel in group * width..<(group + 1) * width { results.buffer[channel] = value }
    }
  }

  /// A number a group, at all of its channels.
  private func spread(_ values: Span<Float>, over channels: Tensor) {
    let width = self.channels / groups
    for channel in 0..<self.channels { channels.buffer[channel] = values[channel / width] }
  }
}
