import Batches

/// A data set whose samples are rows of clicks.
public protocol ClickSamples: Dataset {
  /// What the columns are.
  var clickSchema: ClickSchema? { get }
}

extension Dataset {
  /// Nil for all but click data.
  public var clickSchema: ClickSchema? { (self as? any ClickSamples)?.clickSchema }
}
