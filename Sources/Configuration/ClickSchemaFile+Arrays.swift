/// A column of NumPy's arrays as a schema names it: `y`, or `X_int.3` for the third column of an array of two dimensions.
package struct ClickArrayColumn: Hashable, Sendable {
  package var array: String
  /// From 0; nil where the name says none, as of an array with one column.
  package var index: Int?

  package init(_ name: String) {
    (array, index) = (name, nil)
    guard let dot = name.lastIndex(of: "."), let number = Int(name[name.index(after: dot)...]), number > 0 else {
      return
    }
    (array, index) = (String(name[..<dot]), number - 1)
  }
}

extension ClickSchemaFile {
  /// The columns of arrays that are read, each once.
  package func arrayColumns(withLabel: Bool) -> [String] {
    var seen: Set<String> = []
    return namedColumns(withLabel: withLabel).map(\.name).filter { seen.insert($0).inserted }
  }

  /// The arrays that the schema names, each once; the label's first.
  package var arrays: [String] {
    var seen: Set<String> = []
    return arrayColumns(withLabel: true).map { ClickArrayColumn($0).array }.filter { seen.insert($0).inserted }
  }
}

extension NamedColumn {
  /// The most columns that a range names.
  private static let longestRange = 100_000

  /// `X_int.1-13` is thirteen columns; any other name is itself.
  func columnsOfRange() throws -> [NamedColumn] {
    guard let dot = name.lastIndex(of: ".") else { return [self] }
    let bounds = name[name.index(after: dot)...].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
    guard bounds.count == 2, let low = bounds[0], let high = bounds[1] else { return [self] }
    guard low >= 1, high >= low, high - low < Self.longestRange else {
      throw ConfigurationError(
        place, "'\(name.shown)' is no range of columns: they count from 1, such as \(name[..<dot]).1-13")
    }
    return (low...high).map { NamedColumn(name: "\(name[..<dot]).\($0)", place: place, value: value) }
  }
}
