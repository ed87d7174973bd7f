import Configuration
import Landscape
import Training

/// The loss as a function, and searches in it, in words.
enum LandscapeWords {
  /// `the mean loss of the 60,000 training samples, without dropout; batch norm takes …`
  static func function(_ statistics: BatchNormStatistics?, batch: Int?, samples: Int) -> String {
    "the mean loss of the \(Format.integer(samples)) training samples, without dropout, augmentation and weight decay"
      + normalization(statistics, batch: batch)
  }

  static func normalization(_ statistics: BatchNormStatistics?, batch: Int?) -> String {
    switch statistics {
    case .running?: "; batch norm takes its running statistics, as constants"
    case .batch?: "; batch norm takes the statistics of each batch of \(Format.integer(batch ?? 0))"
    case nil: ""
    }
  }

  static func end(_ end: Ascent.End) -> String {
    switch end {
    case .notFinite: "the loss is not finite in what it may look at, so nobody knows the largest"
    case .stationary: "no direction led up any more"
    case .lineSearch: "its line search found nothing better"
    }
  }
}
