/// Self-description of a `.lockstep` file of images, as JSON.
struct ImageSchema: Encodable, Equatable {
  var name: String
  /// `train` or `test`.
  var split: String
  var rows: Int
  /// Shape of one sample: `[height, width, channels]`.
  var inputShape: [Int]
  /// Type of the inputs: `uint8`.
  var elementType: String
  var classes: Int
  /// Name of each label; nil where the source did not name them.
  var classNames: [String]?
  /// Mean of the training set's pixels ÷ 255, in both files of a pair.
  var pixelMean: ChannelFigures
  var pixelDeviation: ChannelFigures
  /// Where the samples came from.
  var source: String
  var inputs: NativePart
  var labels: NativePart

  /// One figure is that of all channels.
  var statistics: PixelStatistics {
    PixelStatistics(
      means: pixelMean.spread(over: inputShape[2]), deviations: pixelDeviation.spread(over: inputShape[2]))
  }

  /// Version of the container: what the first one cannot say is left to the second.
  var version: UInt32 { pixelMean.values.count == 1 && classNames == nil ? 1 : 2 }
}

/// A figure for each channel: in JSON a number where there is one channel, a list where there are several.
struct ChannelFigures: Encodable, Equatable {
  var values: [Double]

  func spread(over channels: Int) -> [Double] {
    values.count == channels ? values : Array(repeating: values[0], count: channels)
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    if values.count == 1 { try container.encode(values[0]) } else { try container.encode(values) }
  }
}
