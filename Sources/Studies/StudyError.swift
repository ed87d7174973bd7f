/// An error of a study, with its remedy, in words for the person who started it.
public struct StudyError: Error, Equatable, CustomStringConvertible {
  /// One clear sentence.
  public let description: String
  /// The fault and its remedy.
  public init(_ description: String) { self.description = description }
}
