import Configuration
import Files

/// The columns of NumPy's arrays that the lines of their text hold, and the arrays that a schema names.
struct ClickArrayPlan {
  /// Name of each column, in the order of a line.
  let names: [String]
  private let arrays: [String]

  /// Nil where the schema is about text.
  init?(_ schema: ClickSchemaFile, _ labels: ClickLabels) {
    guard schema.format == .numpy else { return nil }
    names = schema.arrayColumns(withLabel: labels == .needed)
    arrays = schema.arrays
  }

  static let ending = ".npy"

  /// What stands before the array's own name in `day_0_labels.npy`; nil where no array of the schema ends the name.
  func stem(of path: String) -> String? {
    let name = PathParts.name(of: path)
    guard name.hasSuffix(Self.ending) else { return nil }
    let base = name.dropLast(Self.ending.count)
    let named = arrays.filter { array in base == array || ["_", "-", "."].contains { base.hasSuffix($0 + array) } }
    guard let array = named.max(by: { $0.utf8.count < $1.utf8.count }) else { return nil }
    return String(path.dropLast(array.count + Self.ending.count))
  }

  /// For errors.
  var arrayList: String { arrays.joined(separator: ", ") }

  /// Files of the same rows are one source, by whichever of them it is named.
  func distinct(_ paths: [String]) -> [String] {
    var seen: Set<String> = []
    return paths.filter { path in stem(of: path).map { seen.insert($0).inserted } ?? true }
  }
}
