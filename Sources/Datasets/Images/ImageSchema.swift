/// What a `.lockstep` file of images says about itself, as JSON.
struct ImageSchema: Encodable, Equatable {
  var name: String
  /// `train` or `test`.
  var split: String
  var rows: Int
  /// Of one sample: `[height, width, channels]`.
  var inputShape: [Int]
  /// Of the inputs: `uint8`.
  var elementType: String
  var classes: Int
  /// Of the training set's pixels ÷ 255, in both files of a pair.
  var pixelMean: Double
  var pixelDeviation: Double
  /// Where the samples came from.
  var source: String
  var inputs: NativePart
  var labels: NativePart

  var statistics: PixelStatistics { PixelStatistics(mean: pixelMean, deviation: pixelDeviation) }
}
