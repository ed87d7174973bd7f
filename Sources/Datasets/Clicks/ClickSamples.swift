import Batches

/// A data set whose samples are rows of clicks.
public protocol ClickSamples: Dataset {
  /// The columns, with what was learnt for them.
  var clickSchema: ClickSchema? { get }
  /// The text of the schema file that says how text becomes such rows; nil where there is none.
  var schemaFile: String? { get }
}

extension Dataset {
  /// Nil for all but click data.
  public var clickSchema: ClickSchema? { (self as? any ClickSamples)?.clickSchema }
  /// Nil for all but click data that were text.
  public var schemaFile: String? { (self as? any ClickSamples)?.schemaFile }
}
