import Buffers
import Configuration
import Files
import Foundation

/// A folder with a training and a test set, in one of the formats.
enum DatasetFolder {
  case idx(IDXPair)
  case cifar(CIFAR.Folder)
  /// PNG and JPEG files by class; none is decoded yet.
  case imageFolder(ImageFolder)
  case native(train: ImageFile, test: ImageFile)
  /// Shards of click data; which splits there are. They are not opened yet: a run does not need all.
  case clicks([ClickSplit])

  /// The two splits of a folder with IDX files.
  struct IDXPair {
    let train: (images: IDX.File, labels: IDX.File)
    let test: (images: IDX.File, labels: IDX.File)
  }

  /// IDX and CIFAR files do not say how many classes there are; the MNIST family and CIFAR-10 have ten.
  static let usualClasses = 10

  static let nativeNames = ["train.lockstep", "test.lockstep"]

  /// - Parameter toConvert: what the native form is made from comes first, as that may lie beside it.
  static func open(_ folder: String, toConvert: Bool = false) throws -> DatasetFolder {
    let found = try contents(of: folder)
    if toConvert, let source = try openSource(folder, found) { return source }
    if found.contains(where: nativeNames.contains) {
      let files = try nativeNames.map { try ImageFile.open("\(folder)/\($0)") }
      try checkPair(files[0], files[1])
      return .native(train: files[0], test: files[1])
    }
    let splits = ClickShards.splits(in: found)
    if !splits.isEmpty { return .clicks(splits) }
    if let source = try openSource(folder, found) { return source }
    throw DatasetError(
      file: folder,
      "no data set in this folder: it needs \(IDXNames.usual.joined(separator: ", ")) (plain, .gz or .xz), or "
        + "CIFAR-10's \(CIFAR.trainNames[0]) to \(CIFAR.trainNames[4]) and \(CIFAR.testName), or "
        + nativeNames.joined(separator: " and ")
        + ", or shards of clicks (train-00000-of-00001.lockstep and so on), or "
        + "folders of PNG and JPEG files (train/CLASS and test/CLASS)")
  }

  /// Nil where the folder holds nothing that the native form is made from.
  private static func openSource(_ folder: String, _ found: Set<String>) throws -> DatasetFolder? {
    if !found.isDisjoint(with: CIFAR.trainNames + [CIFAR.testName]) { return .cifar(try CIFAR.Folder(folder)) }
    if ImageFolder.isOne(folder, found) { return .imageFolder(try ImageFolder(folder)) }
    return IDXNames.areSome(of: found) ? .idx(try openIDX(folder, found)) : nil
  }

  private static func openIDX(_ folder: String, _ found: Set<String>) throws -> IDXPair {
    let files = try IDXNames.usual.enumerated().map { index, usual in
      let name = try IDXNames.name(of: usual, among: found, folder) ?? usual
      return try IDX.open("\(folder)/\(name)", expected: index % 2 == 0 ? .images : .labels)
    }
    guard files[0].shape == files[2].shape else {
      throw DatasetError(
        file: files[2].path,
        "images of \(words(files[2].shape)), but those for training have \(words(files[0].shape))")
    }
    return IDXPair(train: (files[0], files[1]), test: (files[2], files[3]))
  }

  private static func words(_ shape: Shape) -> String {
    "\(shape[0]) × \(shape[1]) pixels" + (shape[2] == 1 ? "" : " of \(shape[2]) channels")
  }

  static func contents(of folder: String) throws -> Set<String> {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder) else {
      throw DatasetError(file: folder, "there is no such folder")
    }
    guard isFolder.boolValue else {
      throw DatasetError(file: folder, "this is a file: give the folder that holds the data set")
    }
    do {
      return Set(try FileManager.default.contentsOfDirectory(atPath: folder))
    } catch {
      throw DatasetError(file: folder, "the folder may not be read: check its permissions")
    }
  }

  /// For people and records: the folder's own name.
  static func name(of folder: String) -> String {
    let name = PathParts.name(of: NSString(string: folder).standardizingPath)
    return name.isEmpty || name == "." ? "data" : name
  }

  private static func checkPair(_ train: ImageFile, _ test: ImageFile) throws {
    let a = train.schema
    let b = test.schema
    guard (a.name, a.inputShape, a.classes, a.classNames) == (b.name, b.inputShape, b.classes, b.classNames),
      a.statistics == b.statistics
    else {
      throw DatasetError(
        file: test.path, "not made together with \(train.path): make both again with lockstep convert")
    }
  }

  /// Splits of click data are encoded alike, or an id means something else in each.
  static func checkPair(_ train: ClickFile, _ other: ClickFile) throws {
    guard other.hasSchema(of: train) else {
      throw DatasetError(
        file: other.path, "its schema is not that of \(train.path): make all splits again, together")
    }
  }
}
