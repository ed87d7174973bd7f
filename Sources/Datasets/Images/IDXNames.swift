/// Names of the four IDX files of a folder: MNIST's, or like them with another number of dimensions or type of values
/// (`train-images-idx4-ubyte`, `train-labels-idx1-int`); then perhaps `.gz` or `.xz`.
enum IDXNames {
  /// MNIST's: training images and labels, test images and labels.
  static let usual = [
    "train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte",
  ]

  private static let types = ["ubyte", "byte", "short", "int", "float", "double"]
  /// The plain file first: it needs no unpacking.
  private static let packings = ["", ".gz", ".xz"]

  /// The name of the file that holds what `usual` does.
  ///
  /// - Parameter found: names in the folder.
  /// - Throws: `DatasetError` for two forms of the same data.
  static func name(of usual: String, among found: Set<String>, _ folder: String) throws -> String? {
    let plain = names(like: usual).filter { name in packings.contains { found.contains(name + $0) } }
    guard plain.count < 2 else {
      throw DatasetError(
        file: folder, "\(plain[0]) and \(plain[1]) are two forms of the same data by their names: remove or rename one")
    }
    return plain.first.flatMap { name in packings.map { name + $0 }.first(where: found.contains) }
  }

  /// Whether one of the four is there.
  static func areSome(of found: Set<String>) -> Bool {
    usual.flatMap(names).contains { name in packings.contains { found.contains(name + $0) } }
  }

  private static func names(like usual: String) -> [String] {
    let stem = usual.split(separator: "-").dropLast(2).joined(separator: "-")
    return (0...9).flatMap { dimensions in types.map { "\(stem)-idx\(dimensions)-\($0)" } }
  }
}
