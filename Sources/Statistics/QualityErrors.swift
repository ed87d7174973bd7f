import Glibc

/// Standard errors of figures that tell weights apart, from the number of samples that they were taken on.
public enum QualityErrors {
  /// Standard error of a share, such as an accuracy: √(a(1 − a)/n).
  public static func ofShare(_ share: Double, samples: Double) -> Double {
    (share * (1 - share) / samples).squareRoot()
  }

  /// Standard error of an area under the curve A on n₁ positive and n₂ negative samples: Hanley and McNeil 1982, "The
  /// meaning and use of the area under a receiver operating characteristic (ROC) curve", equations 1 and 2.
  ///
  /// - Parameter positives: their share.
  public static func ofAreaUnderCurve(_ area: Double, samples: Double, positives: Double) -> Double {
    let (ones, zeros) = (max(1, samples * positives), max(1, samples * (1 - positives)))
    let (q1, q2) = (area / (2 - area), 2 * area * area / (1 + area))
    let variance = area * (1 - area) + (ones - 1) * (q1 - area * area) + (zeros - 1) * (q2 - area * area)
    return (max(0, variance) / (ones * zeros)).squareRoot()
  }
}

/// The entropy of an event, in nats.
public enum BinaryEntropy {
  /// −p log p − (1 − p) log(1 − p); 0 where p is 0 or 1.
  public static func value(_ share: Double) -> Double {
    [share, 1 - share].reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
  }

  /// The share up to a half that has this entropy.
  public static func share(of entropy: Double) -> Double {
    var (low, high) = (0.0, 0.5)
    for _ in 0..<50 {
      let middle = (low + high) / 2
      if value(middle) < entropy { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
