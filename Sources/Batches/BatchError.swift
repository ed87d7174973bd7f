/// Why no batches can be made: what is wrong, and the remedy.
public struct BatchError: Error, CustomStringConvertible, Equatable {
  /// One sentence with the remedy.
  public let description: String

  package init(_ description: String) { self.description = description }
}
