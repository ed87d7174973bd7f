/// Where a value was written: what an error names, and what a relative path starts from.
package struct ConfigurationPlace: Equatable, CustomStringConvertible {
  /// A file as the user named it, or `--set KEY`.
  package var source: String
  /// From 1; nil where no single line is meant.
  package var line: Int?
  /// Relative paths start here: the file's folder, or the current folder for `--set`. Nil in what Lockstep itself wrote:
  /// there paths are whole, and every value stands, needed or not.
  var folder: String?

  package var description: String { line.map { "\(source):\($0)" } ?? source }
}
