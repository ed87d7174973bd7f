import Buffers
import Files

/// Images and labels of a folder that is not in the native form, in memory.
struct ImageSource {
  var train: LabelledImages
  var test: LabelledImages
  /// The files that they came from, for people.
  var trainFiles: String
  var testFiles: String
  /// Name of each label; nil where the files do not name them.
  var classNames: [String]?

  init(_ pair: DatasetFolder.IDXPair, classes: Int) throws {
    train = try IDX.pair(images: pair.train.images, labels: pair.train.labels, classes: classes)
    test = try IDX.pair(images: pair.test.images, labels: pair.test.labels, classes: classes)
    trainFiles = Self.names([pair.train.images.path, pair.train.labels.path])
    testFiles = Self.names([pair.test.images.path, pair.test.labels.path])
  }

  init(_ folder: CIFAR.Folder, classes: Int) throws {
    train = try CIFAR.images(folder.train, classes: classes)
    test = try CIFAR.images([folder.test], classes: classes)
    trainFiles = Self.names(folder.train.map(\.path))
    testFiles = Self.names([folder.test.path])
  }

  /// - Parameter size: height and width of the images in memory; nil where all files have the same.
  init(_ folder: ImageFolder, size: ImageSize?) throws {
    let shape = try folder.shape(size)
    train = try folder.images(of: folder.train, shape)
    test = try folder.images(of: folder.test, shape)
    trainFiles = "\(folder.train.count) files"
    testFiles = "\(folder.test.count) files"
    classNames = folder.classNames
  }

  /// Images that were made.
  init(train: LabelledImages, test: LabelledImages, files: String) {
    self.train = train
    self.test = test
    (trainFiles, testFiles) = (files, files)
  }

  private static func names(_ paths: [String]) -> String {
    paths.map { PathParts.name(of: $0) }.joined(separator: ", ")
  }
}
