import ArgumentParser
import Foundation

/// An error for the user: printed as it is, once, with exit code 1.
struct ValidationFailure: LocalizedError, CustomStringConvertible {
  let description: String

  init(_ error: any Error) { description = "\(error)" }

  var errorDescription: String? { description }
}
