/// What is wrong with a data set, said once: which file, where in it, and what to do.
public struct DatasetError: Error, CustomStringConvertible, Equatable {
  public let description: String

  public init(_ description: String) { self.description = description }

  init(file: String, _ problem: String) { description = "\(file): \(problem)" }
}
