import Files
import Foundation

/// From IDX files to the native form: checked as a whole, written atomically.
public enum ImageConversion {
  /// One file that was written.
  public struct Output: Equatable, Sendable {
    public let path: String
    public let rows: Int
    public let bytes: Int
  }

  /// - Parameters:
  ///   - source: a folder with the four IDX files.
  ///   - target: a folder, made if need be, that gets `train.lockstep` and `test.lockstep`; they replace older ones.
  ///   - classes: labels are less.
  ///   - progress: gets a line before each longer piece of work.
  /// - Throws: `DatasetError`; then the target holds what it held before.
  public static func convert(
    from source: String, to target: String, classes: Int = 10, progress: (String) -> Void = { _ in }
  ) throws -> [Output] {
    precondition(classes > 0, "\(classes) classes")
    progress("reading \(source)")
    let pair = try DatasetFolder.openIDX(source, try DatasetFolder.contents(of: source))
    let train = try IDX.pair(images: pair.train.images, labels: pair.train.labels, classes: classes)
    let test = try IDX.pair(images: pair.test.images, labels: pair.test.labels, classes: classes)
    let statistics = PixelStatistics(train.pixels)
    let schema = { (split: String, images: LabelledImages, files: (images: IDX.File, labels: IDX.File)) in
      ImageSchema(
        name: DatasetFolder.name(of: source), split: split, images, statistics,
        source: [files.images, files.labels].map { PathParts.name(of: $0.path) }.joined(separator: ", ")
      )
    }
    try makeFolder(target)
    progress("writing \(train.count) training and \(test.count) test samples to \(target)")
    // Both are whole on the disk before either takes its place.
    let first = try write(train, schema("train", train, pair.train), "\(target)/train.lockstep")
    let second = try write(test, schema("test", test, pair.test), "\(target)/test.lockstep")
    let outputs = [
      Output(path: first.path, rows: train.count, bytes: first.byteCount),
      Output(path: second.path, rows: test.count, bytes: second.byteCount),
    ]
    try first.commit()
    try second.commit()
    return outputs
  }

  private static func write(_ images: LabelledImages, _ schema: ImageSchema, _ path: String) throws -> AtomicFile {
    var file = try AtomicFile(path)
    try NativeHeader.bytes(for: schema).withUnsafeBytes { try file.write($0) }
    try file.write(UnsafeRawBufferPointer(images.pixels))
    try file.pad(to: NativeHeader.sectionAlignment)
    try file.write(UnsafeRawBufferPointer(images.labels))
    return file
  }

  private static func makeFolder(_ path: String) throws {
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
      classes: images.classes, pixelMean: statistics.mean, pixelDeviation: statistics.deviation, source: source,
      inputs: section(UnsafeRawBufferPointer(images.pixels)), labels: section(UnsafeRawBufferPointer(images.labels)))
  }
}
