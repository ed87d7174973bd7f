import Batches
import Buffers
import Configuration
import Datasets
import Foundation
import StoredFiles
import Testing

/// PNG and JPEG files by class, as Pillow wrote them.
@Suite struct ImageFolderTests {
  let folder = ScratchFolder()
  let target = ScratchFolder()

  init() throws { try copyPhotos(to: folder) }

  private func copyPhotos(to folder: ScratchFolder) throws {
    for split in ["train", "test"] {
      try FileManager.default.copyItem(
        atPath: StoredFiles.file("photos/\(split)").path, toPath: "\(folder.path)/\(split)")
    }
  }

  private func convert(_ size: ImageSize? = ImageSize(height: 6, width: 8)) throws -> DatasetPair {
    _ = try ImageConversion.convert(from: folder.path, to: target.path, size: size)
    return try DatasetPair.open(DataConfiguration(path: target.path, normalization: .unit))
  }

  /// Images in the order of the files that they came from: the order is drawn, so they are found by what they show.
  private func images(_ dataset: any Dataset) throws -> [(label: Int32, pixels: [Int])] {
    let read = try ReadSamples(dataset)
    let size = dataset.inputShape.count
    return (0..<dataset.count).map { row -> (label: Int32, pixels: [Int]) in
      let pixels = read.inputs[row * size..<(row + 1) * size].map { (value: Float) in Int((value * 255).rounded()) }
      return (read.labels[row], pixels)
    }
  }

  @Test func everyKindOfFileIsDecoded() throws {
    let pair = try convert()
    #expect(pair.training.inputShape == Shape(6, 8, 3) && pair.training.classes == 2)
    let train = try images(pair.training)
    func shown(_ row: Int, _ column: Int, _ channel: Int) -> Int {
      [column * 30, row * 40, (row + column) * 15][channel]
    }
    let colour: [Int] = grid(6, 8, 3) { shown($0, $1, $2) }
    let grey: [Int] = grid(6, 8, 3) { row, column, _ in column * 15 + row * 20 }
    let deep: [Int] = grid(6, 8, 3) { _, column, _ in column * 30 }
    let transparent: [Int] = grid(6, 8, 3) { $1 >= 4 ? shown($0, $1, $2) : 0 }
    #expect(train.count == 5)
    for (label, pixels) in [(0, colour), (0, grey), (1, deep), (1, transparent)] {
      #expect(train.contains { $0.label == label && $0.pixels == pixels })
    }
    // Made smaller: Pillow's own figures, to within what rounding twice does.
    let larger = try #require(train.first { image in ![colour, grey, deep, transparent].contains(image.pixels) })
    #expect(larger.label == 1)
    let pillow = [5, 6, 4, 30, 6, 16, 61, 6, 32, 89, 6, 46, 120, 6, 62, 150, 6, 77, 181, 6, 92, 206, 6, 105]
    #expect(zip(larger.pixels, pillow).allSatisfy { abs($0 - $1) <= 1 }, "\(larger.pixels.prefix(24))")
    #expect(abs(larger.pixels.reduce(0, +) - 14_171) <= 72)
    let test = try images(pair.validation)
    #expect(test.contains { $0.label == 0 && $0.pixels == colour }, "palette")
    let smooth = try #require(test.first { $0.label == 1 })
    #expect(zip(smooth.pixels, [1, 0, 2, 31, 0, 16, 60, 0, 30, 88, 0, 45]).allSatisfy { abs($0 - $1) <= 1 })
    #expect(abs(smooth.pixels.reduce(0, +) - 14_145) <= 72)
  }

  @Test func classesAreNamedAndStored() throws {
    _ = try convert()
    let facts = try Dictionary(uniqueKeysWithValues: Inspection.inspect("\(target.path)/train.lockstep"))
    #expect(facts["class names"] == "cat, dog" && facts["samples a class"] == "0: 2, 1: 3")
    #expect(facts["format"] == "lockstep, version 2" && facts["source"] == "5 files")
    let folders = try Dictionary(uniqueKeysWithValues: Inspection.inspect(folder.path))
    #expect(folders["classes"] == "cat, dog" && folders["height"] == "6 to 12" && folders["width"] == "8 to 16")
    #expect(folders["coloured"] == "5 files" && folders["training: samples a class"] == "0: 2, 1: 3")
  }

  @Test func greyFilesMakeOneChannel() throws {
    for name in ["train/cat/colour.png", "train/dog/transparent.png", "train/dog/larger.jpeg"] {
      try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
    }
    for name in ["test/cat/palette.png", "test/dog/smooth.jpg"] {
      let kind = name.split(separator: "/")[1]
      try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
      try FileManager.default.copyItem(
        atPath: "\(folder.path)/train/cat/grey.png", toPath: "\(folder.path)/test/\(kind)/grey.png")
    }
    #expect(try convert(nil).training.inputShape == Shape(6, 8, 1))
  }

  @Test(arguments: [
    ("train/cat/colour.png", 60, "PNG"), ("train/cat/colour.png", 20, "PNG"), ("train/cat/colour.png", 9, "PNG"),
    ("test/dog/smooth.jpg", 300, "JPEG"), ("test/dog/smooth.jpg", 600, "JPEG"), ("test/dog/smooth.jpg", 5, "JPEG"),
  ])
  func truncatedFilesAreNamed(name: String, bytes: Int, kind: String) throws {
    folder.write(name, Array(folder.read(name)[..<bytes]))
    let error = try folder.error { try convert() }
    #expect(error.hasPrefix("\(name): the \(kind) file is damaged or cut short ("), "\(error)")
    #expect(target.names == [])
  }

  @Test func damagedFilesAreNamed() throws {
    var bytes = folder.read("train/dog/deep.png")
    bytes[50] ^= 0x55
    folder.write("train/dog/deep.png", bytes)
    #expect(try folder.error { try convert() }.hasPrefix("train/dog/deep.png: the PNG file is damaged or cut short ("))
  }

  @Test func badFolders() throws {
    func error(_ size: ImageSize? = ImageSize(height: 6, width: 8), classes: Int? = nil) throws -> String {
      try folder.error {
        try ImageConversion.convert(from: folder.path, to: target.path, classes: classes, size: size)
      }
    }
    #expect(
      try error(nil)
        == "train/dog/larger.jpeg: 12 × 16 pixels, but train/cat/colour.png has 6 × 8: give --size HEIGHTxWIDTH, to which all "
        + "are resized")
    #expect(try error(classes: 3).hasSuffix("its 2 classes are its folders: leave --classes out"))
    #expect(
      try folder.error { try DatasetPair.open(DataConfiguration(path: folder.path)) }.contains(
        "convert it first with lockstep convert"))
    folder.write("train/cat/notes.txt", Array("text".utf8))
    #expect(try error() == "train/cat/notes.txt: neither a PNG nor a JPEG file: remove it, or make it one")
    try FileManager.default.removeItem(atPath: "\(folder.path)/train/cat/notes.txt")
    folder.write("train/cat/empty.png", [])
    #expect(try error() == "train/cat/empty.png: neither a PNG nor a JPEG file: remove it, or make it one")
    try FileManager.default.removeItem(atPath: "\(folder.path)/train/cat/empty.png")
    folder.write("train/cat/.hidden", [1])
    #expect(throws: Never.self) { try convert() }
    let make = { (name: String) in
      try FileManager.default.createDirectory(
        atPath: "\(folder.path)/\(name)", withIntermediateDirectories: true)
    }
    try make("test/emu")
    #expect(try error() == "test/emu: a class that train does not have: give each class a folder there too")
    try make("train/emu")
    #expect(try error() == "train/emu: the folder of this class is empty")
    folder.write("train/emu/inner", [])
    try FileManager.default.removeItem(atPath: "\(folder.path)/test")
    #expect(try error() == "test: there is no such folder")
    #expect(try source().contains("--size is for PNG and JPEG files"))
  }

  private func source() throws -> String {
    let other = ScratchFolder()
    TinySet().write(to: other)
    return try other.error {
      try ImageConversion.convert(from: other.path, to: target.path, classes: 4, size: ImageSize(height: 2, width: 2))
    }
  }

  @Test(arguments: ["32", "32x", "x32", "0x3", "-1x3", "3x3x3", "40000x1", "a"])
  func badSizes(text: String) { #expect(ImageSize(text) == nil) }
}
