/// What went wrong with a study, and the remedy, in words for the person who started it.
public struct StudyError: Error, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
