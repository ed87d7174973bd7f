import Batches
import Buffers
import Files
import Foundation

/// A folder of PNG and JPEG files by split and class: `train/CLASS/…` and `test/CLASS/…`.
struct ImageFolder {
  /// One file and its class.
  struct Item {
    let path: String
    let label: Int32
  }

  let path: String
  /// The folders of the training split, in the order of their names' bytes: a label is a place in it.
  let classNames: [String]
  /// Class by class, in the order of the files' names.
  let train: [Item]
  let test: [Item]

  static let splits = ["train", "test"]

  /// Whether a folder is meant to be one: `train` is a folder that holds folders.
  static func isOne(_ path: String, _ found: Set<String>) -> Bool {
    guard found.contains(splits[0]), InputFile.kind(of: "\(path)/\(splits[0])") == .folder else { return false }
    return !((try? folders(in: "\(path)/\(splits[0])")) ?? []).isEmpty
  }

  /// - Throws: `DatasetError` where a split is missing, a class is empty, or the test split has a class of its own.
  init(_ path: String) throws {
    self.path = path
    classNames = try Self.folders(in: "\(path)/\(Self.splits[0])")
    train = try Self.items("\(path)/\(Self.splits[0])", classNames)
    test = try Self.items("\(path)/\(Self.splits[1])", classNames)
  }

  private static func items(_ split: String, _ classNames: [String]) throws -> [Item] {
    let own = try folders(in: split)
    if let stranger = own.first(where: { !classNames.contains($0) }) {
      throw DatasetError(
        file: "\(split)/\(stranger)", "a class that \(splits[0]) does not have: give each class a folder there too")
    }
    guard !own.isEmpty else { throw DatasetError(file: split, "the folder holds no folders of images, one a class") }
    return try own.flatMap { name in
      let label = Int32(classNames.firstIndex(of: name)!)
      let files = try names(in: "\(split)/\(name)")
      guard !files.isEmpty else { throw DatasetError(file: "\(split)/\(name)", "the folder of this class is empty") }
      return files.map { Item(path: "\(split)/\(name)/\($0)", label: label) }
    }
  }

  private static func folders(in path: String) throws -> [String] {
    try names(in: path).filter { InputFile.kind(of: "\(path)/\($0)") == .folder }
  }

  /// In the order of their bytes, without what is hidden.
  private static func names(in path: String) throws -> [String] {
    try DatasetFolder.contents(of: path).filter { !$0.hasPrefix(".") }
      .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Shape of the images in memory: one channel where all files are grey, three otherwise.
  ///
  /// - Parameter size: to resize to; nil where all files have the same.
  /// - Throws: `DatasetError` where a file is no image, or sizes differ and none is asked for.
  func shape(_ size: ImageSize?) throws -> Shape {
    var isColoured = false
    var first: (path: String, size: ImageSize)?
    for item in train + test {
      let facts = try ImageDecoder.facts(of: item.path)
      isColoured = isColoured || facts.isColoured
      if size == nil, let first, first.size != facts.size {
        throw DatasetError(
          file: item.path,
          "\(facts.size) pixels, but \(first.path) has \(first.size): give --size HEIGHTxWIDTH, to which all are resized"
        )
      }
      first = first ?? (item.path, facts.size)
    }
    let made = size ?? first!.size
    return Shape(made.height, made.width, isColoured ? 3 : 1)
  }

  /// Decoded and resized, in an order drawn by key, so that the first samples are of all classes.
  ///
  /// - Throws: `DatasetError` for a file that is damaged.
  func images(of items: [Item], _ shape: Shape) throws -> LabelledImages {
    let buffer = ImageBuffer(count: items.count, shape: shape)
    let order = Permutation(count: items.count, seed: 0, epoch: 0, purpose: .folder)
    for row in items.indices {
      let item = items[order[row]]
      buffer.labels[row] = item.label
      let image = try ImageDecoder.decode(item.path, channels: shape[2])
      ImageResampling.resize(image, to: buffer.pixels(of: row), shape)
    }
    return buffer.images(path: path, classes: classNames.count)
  }
}
