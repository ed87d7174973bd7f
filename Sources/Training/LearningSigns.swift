import Buffers
import Layers
import MessagePassing

/// What an evaluation shows on its way of a model that learns nothing: whether its predictions differ, which classes there are, which
/// units are ever active.
package final class LearningSigns {
  package let activity: UnitActivity
  let isBinary: Bool
  /// Of the scores of two classes or, of several, of the classes predicted; `highest` is below `lowest` where there is none.
  private(set) var lowest = Float.infinity
  private(set) var highest = -Float.infinity
  /// How many samples have each label.
  private(set) var samplesOfClass: [Double]

  /// - Parameter hasBinaryScores: the network has one output, the logit of class 1 of two.
  package init(_ network: Network, classes: Int, hasBinaryScores: Bool) {
    activity = UnitActivity(network)
    isBinary = hasBinaryScores
    samplesOfClass = Array(repeating: 0, count: classes)
  }

  /// - Parameter outputs: `[rows, outputs]`.
  package func note(_ outputs: Tensor, labels: UnsafeBufferPointer<Int32>) {
    for label in labels { samplesOfClass[Int(label)] += 1 }
    let width = outputs.count / max(1, labels.count)
    // What differs once differs for good.
    for row in labels.indices where !arePredictionsDifferent {
      let scores = outputs.buffer[row * width..<(row + 1) * width]
      let prediction = isBinary ? scores[row] : Float(scores.indices.max { scores[$0] < scores[$1] }! - row * width)
      (lowest, highest) = (min(lowest, prediction), max(highest, prediction))
    }
  }

  /// Makes it that of all ranks' samples. Collective.
  package func share(_ communicator: Communicator) throws {
    try communicator.allReduce(inPlace: samplesOfClass.mutableSpan, .sum)
    var largest = [-lowest, highest] + activity.flags
    try communicator.allReduce(inPlace: largest.mutableSpan, .maximum)
    (lowest, highest) = (-largest[0], largest[1])
    activity.flags = Array(largest[2...])
  }

  /// Scores that differ by rounding alone are one score.
  var arePredictionsDifferent: Bool {
    highest - lowest > (isBinary ? 1e-6 * max(1, abs(highest)) : 0)
  }

  /// The standard deviation of the area under the curve of scores that know nothing of the labels (Mann and Whitney 1947); nil where one
  /// class is not there.
  package var areaDeviation: Double? {
    guard isBinary, samplesOfClass.count == 2, samplesOfClass.allSatisfy({ $0 > 0 }) else { return nil }
    let (negatives, positives) = (samplesOfClass[0], samplesOfClass[1])
    return ((positives + negatives + 1) / (12 * positives * negatives)).squareRoot()
  }
}
