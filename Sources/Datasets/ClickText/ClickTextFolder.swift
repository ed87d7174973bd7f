import Configuration
import Files
import Foundation

/// Files of a folder that are text for training: `train`, `validation` and `test`, each alone or followed by a name of
/// its own that begins with `-`, `_`, `.` or a digit, then perhaps an ending of text, then perhaps one of packing
/// (`train.csv`, `test-0.tsv.gz`, `train_2016.csv.xz`, `validation`). Whatever else begins with one of these words is
/// left out, and said.
enum ClickTextFolder {
  static let endings = ["csv", "tsv", "txt", "data", "libsvm", "svm", "libffm", "ffm", "npz", "npy"]
  static let packings = ["gz", "xz"]

  struct Contents {
    /// In the order of splits, then of names.
    var files: [(name: String, split: ClickSplit)] = []
    /// Names that look as if they belonged to a split.
    var leftOut: [String] = []
  }

  /// - Throws: `DatasetError` for two forms of the same data, for pipes and folders, and where nothing is found.
  static func open(_ folder: String) throws -> Contents {
    let names = try DatasetFolder.contents(of: folder).sorted()
    var contents = Contents()
    for split in ClickSplit.allCases {
      var stems: [String: String] = [:]
      for name in names where name.hasPrefix(split.rawValue) {
        guard let stem = stem(of: name, split) else {
          contents.leftOut.append(name)
          continue
        }
        if let other = stems.updateValue(name, forKey: stem) {
          throw DatasetError(
            file: folder, "\(other) and \(name) are two forms of the same data by their names: remove or rename one")
        }
        try DataPath.require("\(folder)/\(name)")
        contents.files.append((name, split))
      }
    }
    guard contents.files.isEmpty else { return contents }
    throw DatasetError(
      file: folder,
      "no file in this folder is text for training by its name: train…, validation… and test…, with an ending such as .csv, "
        + ".tsv or .txt, plain, .gz or .xz" + (contents.leftOut.isEmpty ? "" : "; not \(list(contents.leftOut))"))
  }

  /// Nil for a name that is none of this split's.
  private static func stem(of name: String, _ split: ClickSplit) -> String? {
    var rest = name.dropFirst(split.rawValue.count)
    guard rest.first.map({ $0.isNumber || "-_.".contains($0) }) ?? true, !rest.hasSuffix("~") else { return nil }
    for endings in [packings, endings] {
      if let ending = endings.first(where: { rest.hasSuffix(".\($0)") }) { rest = rest.dropLast(ending.count + 1) }
    }
    // The rest behind a dot may be the number of a part or a year, but no other ending.
    let parts = rest.split(separator: ".", omittingEmptySubsequences: false).dropFirst()
    guard parts.allSatisfy({ $0.allSatisfy(\.isNumber) }) else { return nil }
    return String(rest)
  }

  /// For errors and notices.
  static func list(_ names: [String]) -> String {
    names.prefix(5).joined(separator: ", ") + (names.count > 5 ? " and \(names.count - 5) more" : "")
  }
}
