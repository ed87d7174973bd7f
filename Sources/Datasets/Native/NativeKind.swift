/// What a `.lockstep` file can hold.
enum NativeKind: String {
  case images, clicks

  /// Of the header, that says which.
  static let key = "kind"
}
