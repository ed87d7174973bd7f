/// A fault of a data set, said once: which file, where in it, and what to do.
public struct DatasetError: Error, CustomStringConvertible, Equatable {
  /// One sentence, for the user.
  public let description: String

  /// - Parameter description: one sentence, with the remedy.
  public init(_ description: String) { self.description = description }

  init(file: String, _ problem: String) { description = "\(file): \(problem)" }

  /// A file that has changed since it was opened and checked.
  static func changed(_ file: String, _ problem: String) -> DatasetError {
    DatasetError(file: file, "the file has changed since it was opened: \(problem): make it again, and leave it alone")
  }
}
