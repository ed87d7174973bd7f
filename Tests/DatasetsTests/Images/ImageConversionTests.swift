import Batches
import Buffers
import Configuration
import Datasets
import Files
import Foundation
import Testing

@Suite struct ImageConversionTests {
  let source = ScratchFolder()
  let target = ScratchFolder()

  func convertTiny() throws {
    TinySet().write(to: source)
    _ = try ImageConversion.convert(from: source.path, to: target.path, classes: 4)
  }

  func open() throws -> DatasetPair { try DatasetPair.open(DataConfiguration(path: target.path)) }

  @Test(arguments: DataConfiguration.Normalization.allCases)
  func nativeFormReadsLikeTheFilesItWasMadeFrom(normalization: DataConfiguration.Normalization) throws {
    let outputs = try ImageConversion.convert(from: subset, to: "\(target.path)/new/folder")
    #expect(outputs.map(\.rows) == [6000, 1000])
    #expect(outputs.map(\.path) == ["train", "test"].map { "\(target.path)/new/folder/\($0).lockstep" })
    let sizes = try outputs.map { try FileManager.default.attributesOfItem(atPath: $0.path)[.size] as? Int }
    #expect(outputs.map(\.bytes) == sizes)
    let before = try DatasetPair.open(DataConfiguration(path: subset, normalization: normalization))
    let after = try DatasetPair.open(
      DataConfiguration(path: "\(target.path)/new/folder", normalization: normalization))
    #expect(after.training.name == "fashion-mnist-subset")
    for (old, new) in [(before.training, after.training), (before.validation, after.validation)] {
      #expect(old.count == new.count && old.inputShape == new.inputShape && old.classes == new.classes)
      let a = Batch(inputShape: old.inputShape, capacity: old.count)
      let b = Batch(inputShape: old.inputShape, capacity: old.count)
      for batch in [a, b] {
        for index in 0..<old.count { batch.samples[index] = old.count - 1 - index }
        batch.rows = old.count
      }
      try old.read(a.filledSamples, into: a)
      try new.read(b.filledSamples, into: b)
      #expect(a.inputs.values == b.inputs.values)
      #expect(Array(a.labels) == Array(b.labels))
    }
  }

  @Test func headerIsAsDocumented() throws {
    try convertTiny()
    let file = target.read("train.lockstep")
    #expect(Array(file[..<8]) == [0x89] + Array("LSTEP\r\n".utf8))
    #expect(Array(file[8..<12]) == [1, 0, 0, 0])
    let size = Int(file[12]) | Int(file[13]) << 8
    let schema = try #require(
      try JSONSerialization.jsonObject(with: Data(file[64..<64 + size])) as? [String: Any])
    #expect(schema["rows"] as? Int == 5)
    #expect(schema["inputShape"] as? [Int] == [2, 3, 1])
    #expect(Array(file[4096..<4126]) == (0..<30).map { UInt8($0 * 8) })
    #expect(file[4126..<8192].allSatisfy { $0 == 0 })
    #expect(Array(file[8192...]) == [0, 1, 2, 3, 1].flatMap { [$0, 0, 0, 0] })
  }

  @Test func everyDamagedByteIsNoticed() throws {
    try convertTiny()
    let whole = target.read("train.lockstep")
    // The zeros between schema and sections are the only bytes that mean nothing.
    let schemaEnd = 64 + (Int(whole[12]) | Int(whole[13]) << 8)
    for offset in Array(0..<schemaEnd) + Array(4096..<4126) + Array(8192..<whole.count) {
      var damaged = whole
      damaged[offset] ^= 4
      target.write("train.lockstep", damaged)
      #expect(throws: DatasetError.self, "byte \(offset)") { try open() }
    }
  }

  @Test func everyShorterFileIsNoticed() throws {
    try convertTiny()
    let whole = target.read("train.lockstep")
    for size in Array(stride(from: 0, to: whole.count, by: 97)) + [4096, 8192, whole.count - 1] {
      target.write("train.lockstep", Array(whole[..<size]))
      #expect(try target.error { try open() }.contains("cut short: it ends at byte \(size)"), "\(size) bytes")
    }
    target.write("train.lockstep", whole + [0])
    #expect(try target.error { try open() }.contains("1 bytes follow its end, at byte \(whole.count)"))
  }

  @Test func badNativeFiles() throws {
    try convertTiny()
    let whole = target.read("train.lockstep")
    let damage = { (offset: Int) in
      var damaged = whole
      damaged[offset] ^= 1
      target.write("train.lockstep", damaged)
      return try target.error { try open() }
    }
    let remedy = "the file is damaged: copy it again, or make it again with lockstep convert"
    #expect(
      try damage(0)
        == "train.lockstep: not a .lockstep file: its first bytes are others: make it with lockstep convert")
    #expect(
      try damage(8)
        == "train.lockstep: written in version 0 of the format; this program reads versions 1 and 2: convert it again")
    #expect(try damage(30) == "train.lockstep: the checksum of its header, at byte 0, is wrong: \(remedy)")
    #expect(try damage(70) == "train.lockstep: the checksum of its schema, at byte 64, is wrong: \(remedy)")
    #expect(try damage(4100) == "train.lockstep: the checksum of its inputs, at byte 4096, is wrong: \(remedy)")
    #expect(try damage(8192) == "train.lockstep: the checksum of its labels, at byte 8192, is wrong: \(remedy)")
    target.write("train.lockstep", whole)
    #expect(throws: Never.self) { try open() }
    #expect(
      try target.error { try DatasetPair.open(DataConfiguration(path: target.path, classes: 10)) }
        == "train.lockstep: the file has 4 classes, but data.classes is 10: remove the key")
    try FileManager.default.removeItem(atPath: "\(target.path)/test.lockstep")
    #expect(try target.error { try open() } == "test.lockstep: there is no such file")
    target.write("test.lockstep", whole)
    #expect(throws: Never.self) { try open() }
  }

  @Test func filesOfDifferentConversionsAreNotMixed() throws {
    try convertTiny()
    let old = target.read("test.lockstep")
    var tiny = TinySet()
    tiny.trainImages[20] = 200
    tiny.write(to: source)
    _ = try ImageConversion.convert(from: source.path, to: target.path, classes: 4)
    target.write("test.lockstep", old)
    #expect(
      try target.error { try open() }
        == "test.lockstep: not made together with train.lockstep: make both again with lockstep convert")
  }

  @Test func failureLeavesWhatWasThere() throws {
    try convertTiny()
    let before = [target.read("train.lockstep"), target.read("test.lockstep")]
    var tiny = TinySet()
    tiny.testLabels[9] = 77
    tiny.write(to: source)
    #expect(throws: DatasetError.self) { try ImageConversion.convert(from: source.path, to: target.path) }
    #expect([target.read("train.lockstep"), target.read("test.lockstep")] == before)
    #expect(target.names == ["test.lockstep", "train.lockstep"])
    #expect(
      try source.error { try ImageConversion.convert(from: source.path + "/none", to: target.path) }
        == "none: there is no such folder")
    let file = source.write("file", [])
    #expect(
      try source.error { try ImageConversion.convert(from: subset, to: file) }
        == "file: the folder cannot be made: check the path and its permissions")
  }

  @Test func fileThatIsNotCommittedLeavesNothing() throws {
    let path = target.write("kept", [1, 2, 3])
    do {
      var file = try AtomicFile(path)
      try [9, 9].withUnsafeBytes { try file.write($0) }
      #expect(target.names.count == 2)
    }
    #expect(target.names == ["kept"])
    #expect(target.read("kept") == [1, 2, 3])
  }

  @Test func fullDiskIsOneClearError() throws {
    let descriptor = Foundation.open("/dev/full", O_WRONLY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let error = try #require(throws: FileError.self) {
      try [UInt8](repeating: 1, count: 10).withUnsafeBytes { try AtomicFile.write($0, to: descriptor, "out.lockstep") }
    }
    #expect(
      error.description
        == "cannot write to out.lockstep: No space left on device; free some space and start again")
  }

  @Test func inspectionTellsTheFacts() throws {
    try convertTiny()
    let facts = { (path: String) in
      Dictionary(uniqueKeysWithValues: try Inspection.inspect(path).map { ($0.0, $0.1) })
    }
    let native = try facts("\(target.path)/train.lockstep")
    #expect(native["samples"] == "5")
    #expect(native["samples a class"] == "0: 1, 1: 2, 2: 1, 3: 1")
    // 0, 8, …, 232: mean 116, deviation 8 √((30² − 1) ÷ 12), both ÷ 255.
    #expect(native["pixel mean"] == "0.4549")
    #expect(native["pixel deviation"] == "0.2715")
    #expect(try facts(target.path)["test: samples"] == "3")
    #expect(try facts(subset)["training: images: images"] == "6000")
    #expect(try facts("\(source.path)/t10k-labels-idx1-ubyte")["samples a class"] == "0: 1, 1: 0, 2: 1, 3: 1")
    #expect(try facts("\(subset)/t10k-images-idx3-ubyte.gz")["format"] == "IDX, gzip")
    #expect(try source.error { try Inspection.inspect("\(source.path)/none") } == "none: there is no such file")
  }
}
