/// Kinds of data that a `.lockstep` file can hold.
enum NativeKind: String {
  case images, clicks

  /// Key of the header that says which.
  static let key = "kind"
}
