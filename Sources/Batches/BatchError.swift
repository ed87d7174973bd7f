/// Why no batches can be made: what is wrong, and the remedy.
public struct BatchError: Error, CustomStringConvertible, Equatable {
  public let description: String

  init(_ description: String) { self.description = description }
}
