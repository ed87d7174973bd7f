extension ConfigurationNode {
  /// A path; a relative one starts at the folder of the file that it stands in.
  func filePath() throws -> String {
    guard let folder = place.folder else { return try text() }
    return Self.absolute(try text(), in: folder)
  }
}
