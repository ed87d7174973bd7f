/// The fault in a file that a person or Lockstep wrote, or in an override, said once: where, what, and what would be
/// right.
public struct ConfigurationError: Error, CustomStringConvertible, Equatable {
  /// `file.yaml:12: unknown key 'globlBatch' (did you mean 'globalBatch'?)`
  public let description: String

  /// With its place, key and remedy in words.
  public init(_ description: String) { self.description = description }

  init(_ place: ConfigurationPlace, _ problem: String) { description = "\(place): \(problem)" }
}
