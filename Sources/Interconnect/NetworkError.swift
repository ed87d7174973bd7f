/// What a network model cannot tell, or cannot be made from: one sentence, with the remedy.
public struct NetworkError: Error, Equatable, CustomStringConvertible {
  /// One sentence.
  public let description: String

  /// In words.
  public init(_ description: String) { self.description = description }
}
