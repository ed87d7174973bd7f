import Batches

/// A data set whose samples are rows of clicks.
public protocol ClickSamples: Dataset {
  /// The columns, with what was learnt for them.
  var clickSchema: ClickSchema? { get }
}

extension Dataset {
  /// Nil for all but click data.
  public var clickSchema: ClickSchema? { (self as? any ClickSamples)?.clickSchema }
}
