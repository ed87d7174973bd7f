import Files
import Foundation

/// From files of images to the native form: checked as a whole, written atomically.
public enum ImageConversion {
  /// One file that was written.
  public struct Output: Equatable, Sendable {
    /// Where it lies.
    public let path: String
    /// Samples.
    public let rows: Int
    /// Bytes of the file.
    public let bytes: Int
  }

  /// - Parameters:
  ///   - source: a folder with the four IDX files, with CIFAR-10's binary files, or of PNG and JPEG files by class.
  ///   - target: a folder, made if need be, that gets `train.lockstep` and `test.lockstep`; they replace older ones.
  ///   - classes: labels are less; nil takes ten. Folders of image files say it themselves.
  ///   - size: that PNG and JPEG files are resized to; nil where all have the same.
  ///   - progress: gets a line before each longer piece of work.
  /// - Throws: `DatasetError`; then the target holds what it held before.
  public static func convert(
    from source: String, to target: String, classes: Int? = nil, size: ImageSize? = nil,
    progress: (String) -> Void = { _ in }
  ) throws -> [Output] {
    precondition(classes ?? 1 > 0, "\(classes ?? 1) classes")
    progress("reading \(source)")
    let images = try open(source, classes, size)
    try makeFolder(target)
    progress("writing \(images.train.count) training and \(images.test.count) test samples to \(target)")
    return try write(images, name: DatasetFolder.name(of: source), to: target)
  }

  private static func open(_ folder: String, _ classes: Int?, _ size: ImageSize?) throws -> ImageSource {
    switch try DatasetFolder.open(folder, toConvert: true) {
    case .idx(let pair):
      try refuseSize(size, folder)
      return try ImageSource(pair, classes: classes ?? DatasetFolder.usualClasses)
    case .cifar(let files):
      try refuseSize(size, folder)
      return try ImageSource(files, classes: classes ?? DatasetFolder.usualClasses)
    case .imageFolder(let files):
      guard classes == nil else {
        throw DatasetError(file: folder, "its \(files.classNames.count) classes are its folders: leave --classes out")
      }
      return try ImageSource(files, size: size)
    case .native, .clicks: throw DatasetError(file: folder, "these data are in the native form already")
    }
  }

  private static func refuseSize(_ size: ImageSize?, _ folder: String) throws {
    guard size != nil else { return }
    throw DatasetError(file: folder, "--size is for PNG and JPEG files, and there are none here: leave it out")
  }

  /// Both files are whole on the disk before either takes its place.
  static func write(_ images: ImageSource, name: String, to target: String) throws -> [Output] {
    let statistics = PixelStatistics(images.train.pixels, channels: images.train.shape[2])
    let schema = { (split: String, part: LabelledImages, files: String) in
      var schema = ImageSchema(name: name, split: split, part, statistics, source: files)
      schema.classNames = images.classNames
      return schema
    }
    let train = try write(images.train, schema("train", images.train, images.trainFiles), "\(target)/train.lockstep")
    let test = try write(images.test, schema("test", images.test, images.testFiles), "\(target)/test.lockstep")
    let outputs = [
      Output(path: train.path, rows: images.train.count, bytes: train.byteCount),
      Output(path: test.path, rows: images.test.count, bytes: test.byteCount),
    ]
    try train.commit()
    try test.commit()
    return outputs
  }

  private static func write(_ images: LabelledImages, _ schema: ImageSchema, _ path: String) throws -> AtomicFile {
    var file = try AtomicFile(path)
    try NativeHeader.bytes(for: schema, version: schema.version).withUnsafeBytes { try file.write($0) }
    try file.write(UnsafeRawBufferPointer(images.pixels))
    try file.pad(to: NativeHeader.sectionAlignment)
    try file.write(UnsafeRawBufferPointer(images.labels))
    return file
  }

  static func makeFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw DatasetError(file: path, "the folder cannot be made: check the path and its permissions")
    }
  }
}

extension ImageSchema {
  init(name: String, split: String, _ images: LabelledImages, _ statistics: PixelStatistics, source: String) {
    let section = { (bytes: UnsafeRawBufferPointer) in NativePart(bytes: bytes.count, crc32: Checksum.crc32(bytes)) }
    self.init(
      name: name, split: split, rows: images.count, inputShape: images.shape.dimensions, elementType: "uint8",
      classes: images.classes, pixelMean: ChannelFigures(values: statistics.means),
      pixelDeviation: ChannelFigures(values: statistics.deviations), source: source,
      inputs: section(UnsafeRawBufferPointer(images.pixels)), labels: section(UnsafeRawBufferPointer(images.labels)))
  }
}
