/// Where a value was written: what an error names, and what a relative path starts from.
struct ConfigurationPlace: Equatable, CustomStringConvertible {
  /// A file as the user named it, or `--set KEY`.
  var source: String
  /// From 1; nil where no single line is meant.
  var line: Int?
  /// Relative paths start here: the file's folder, or the current folder for `--set`.
  var folder: String

  var description: String { line.map { "\(source):\($0)" } ?? source }
}
