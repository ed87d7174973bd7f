import Foundation

/// A model that learnt from a part of the samples of class 0 finds class 1 too likely. Its probability p becomes
/// p ÷ (p + (1 − p) ÷ w), with w the part that was kept: He et al., "Practical lessons from predicting clicks on ads at
/// Facebook" (ADKDD 2014), section 6.3. Of logits, that is the addition of ln w.
struct NegativeCorrection {
  /// To be added to a logit of class 1: 0 where all were kept.
  let shift: Float

  /// - Parameter kept: more than 0, at most 1; nil for all.
  init(kept: Double?) { shift = kept.map { Float(log($0)) } ?? 0 }

  /// - Parameter logits: of class 1.
  func apply(to logits: UnsafeMutableBufferPointer<Float>) {
    guard shift != 0 else { return }
    for index in logits.indices { logits[index] += shift }
  }
}

extension ModelFile {
  /// For people; nil where predictions are as the model gives them.
  public var correctionNotice: String? {
    keptNegatives.map { kept in
      let share = String(format: "%.2f", 100 * kept)
      return "the model learnt from \(share) % of the negatives; predictions are corrected for that"
    }
  }
}
