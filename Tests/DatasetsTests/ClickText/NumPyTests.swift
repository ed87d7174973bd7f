import Batches
import Configuration
import Datasets
import Foundation
import Testing

/// Arrays of NumPy as click data, as DLRM's preparation leaves them.
@Suite struct NumPyTests {
  let folder = ScratchFolder()

  /// `numpy.savez_compressed` of NumPy 2.4: y (int32), X_int (float32, 5 × 3), X_cat (int64, 5 × 2).
  static let archive = Data(
    base64Encoded:
      "UEsDBC0AAAAIAAAAIQA4FLMS//////////8FABQAeS5ucHkBABAAlAAAAAAAAABMAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TaaKuo6Ce"
      + "ll9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GqY6mjoKtQoUAC5GBghghGIQAABQSwMELQAAAAgAAAAhAKBsr5H//////////wkAFABYX2ludC5u"
      + "cHkBABAAvAAAAAAAAABxAAAAAAAAAJvsF+obEMnIUMZQrZ6SWpxcpG6loG6TZqKuo6Cell9UUpSYF59flJIKEndLzClOBYoXZyQWpAL5GqY6Csaa"
      + "Ogq1CmQDLgYGBnsgPgBE9VP3XzNmYHBw+MkkGsCAAA0MDA8cGBhYHIFMbyAGqXcAqQMAUEsDBC0AAAAIAAAAIQDgnG7l//////////8JABQAWF9j"
      + "YXQubnB5AQAQANAAAAAAAAAAZAAAAAAAAACb7BfqGxDJyFDGUK2eklqcXKRupaBuk2mhrqOgnpZfVFKUmBefX5SSChJ3S8wpTgWKF2ckFqQC+Rqm"
      + "OgpGmjoKtQpkAy52BghY0MYIpjmgfCYoDZP//R8COKF8hrgLm5DlYeoBUEsBAi0DLQAAAAgAAAAhADgUsxJMAAAAlAAAAAUAAAAAAAAAAAAAAIAB"
      + "AAAAAHkubnB5UEsBAi0DLQAAAAgAAAAhAKBsr5FxAAAAvAAAAAkAAAAAAAAAAAAAAIABgwAAAFhfaW50Lm5weVBLAQItAy0AAAAIAAAAIQDgnG7l"
      + "ZAAAANAAAAAJAAAAAAAAAAAAAACAAS8BAABYX2NhdC5ucHlQSwUGAAAAAAMAAwChAAAAzgEAAAAA")!

  /// The same as text. What is not a number is missing.
  static let text = """
    y,X_int.1,X_int.2,X_int.3,X_cat.1,X_cat.2
    1,0.5,-2,,7,100000
    0,1e-07,3,10000000000,8,2
    1,0,0,0,7,-5
    1,7,8.25,16777216,9,3000000000
    0,1,2,3,7,2

    """

  static let arrays = """
    {name: a, format: numpy, label: y, dense: {X_int.1-2: {standardize: true}, X_int.3: {transform: log, missing: 4}},
     ids: {X_cat.1: {vocabulary: 2}, X_cat.2: {hash: 50}}, crosses: [{columns: [X_cat.1, X_cat.2], hash: 90}]}
    """
  static let asText = arrays.replacingOccurrences(of: "numpy", with: "csv").replacingOccurrences(
    of: "X_int.1-2: {standardize: true}", with: "X_int.1: {standardize: true}, X_int.2: {standardize: true}")

  /// A file of NumPy's, from the description of its format.
  static func array(_ type: String, _ shape: String, _ values: [UInt8], order: String = "False", version: UInt8 = 1)
    -> [UInt8]
  {
    var text = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(shape)), }"
    text += String(repeating: " ", count: 117 - text.utf8.count) + "\n"
    let count = text.utf8.count
    let size = version == 1 ? [UInt8(count), 0] : [UInt8(count), 0, 0, 0]
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + size + Array(text.utf8) + values
  }

  static func bytes<Value: FixedWidthInteger>(_ values: Value...) -> [UInt8] {
    values.flatMap { value in withUnsafeBytes(of: value.littleEndian) { Array($0) } }
  }

  /// A zip archive whose members are not packed.
  static func zip(_ members: [(name: String, bytes: [UInt8])]) -> [UInt8] {
    var file: [UInt8] = [], directory: [UInt8] = []
    for (name, content) in members {
      let facts =
        bytes(UInt16(20), UInt16(0), UInt16(0), UInt16(0), UInt16(0x21)) + bytes(HeaderBytes.crc32(content))
        + bytes(UInt32(content.count), UInt32(content.count)) + bytes(UInt16(name.utf8.count), UInt16(0))
      let start = UInt32(file.count)
      file += bytes(UInt32(0x0403_4B50)) + facts + Array(name.utf8) + content
      directory += bytes(UInt32(0x0201_4B50)) + bytes(UInt16(20)) + facts
      directory += bytes(UInt16(0), UInt16(0), UInt16(0)) + bytes(UInt32(0), start) + Array(name.utf8)
    }
    let count = UInt16(members.count)
    return file + directory + bytes(UInt32(0x0605_4B50)) + bytes(UInt16(0), UInt16(0), count, count)
      + bytes(UInt32(directory.count), UInt32(file.count)) + bytes(UInt16(0))
  }

  /// The members of an archive without packing: two rows of y and x.
  static var small: [(name: String, bytes: [UInt8])] {
    [("y.npy", array("<i4", "2,", bytes(Int32(1), 0))), ("x.npy", array("<i8", "2, 2", bytes(5, 6, 7, 8)))]
  }
  static let smallSchema = "{name: a, format: numpy, label: y, ids: {x.1-2: {hash: 50}}}"

  @Test func archivesAreReadAsTheSameText() throws {
    let expected = try folder.samples(Self.asText, text: Self.text)
    folder.write("data.npz", [UInt8](Self.archive))
    let outcome = try folder.conversion(Self.arrays, "data.npz").convert()
    #expect(try folder.samples() == expected)
    #expect(outcome.schema.dense.map(\.column) == ["X_int.1", "X_int.2", "X_int.3"])
    let schema = try folder.schema(Self.arrays)
    let path = "\(folder.path)/data.npz"
    #expect(try ClickSamples(ClickText.open([path], schema: schema, fitted: outcome.schema)) == expected)
    #expect(try ClickText.summary(of: path, schema: schema).splits[0].rows == 5)
    // Without vocabularies it is one pass; the same to the bit for any number of workers.
    var many = try folder.conversion(Self.arrays, "data.npz", target: "many")
    many.workers = 3
    _ = try many.convert()
    #expect(try folder.shards(of: "many") == folder.shards(of: "converted"))
  }

  @Test func filesBesideEachOtherAreOneSource() throws {
    let x = Self.array("<i8", "2, 2", Self.bytes(5, 6, 7, 8), version: 2)
    for (name, bytes) in [("day_0_y.npy", Self.array("|i1", "2, 1", [1, 0])), ("day_0_x.npy", x)] {
      folder.write(name, bytes)
    }
    folder.write("data.npz", Self.zip(Self.small))
    _ = try folder.conversion(Self.smallSchema, "data.npz").convert()
    let expected = try folder.samples()
    #expect(expected.labels == [1, 0] && expected.ids.count == 2)
    for sources in [["day_0_y.npy"], ["day_0_x.npy"], ["day_0_x.npy", "day_0_y.npy"]] {
      var conversion = try folder.conversion(Self.smallSchema, "day_0_y.npy")
      conversion.sources = sources.map { "\(folder.path)/\($0)" }
      _ = try conversion.convert()
      #expect(try folder.samples() == expected)
    }
    // To be scored, rows need no labels.
    let fitted = try ClickDataset.open("\(folder.path)/converted", split: .train).schema
    try FileManager.default.removeItem(atPath: "\(folder.path)/day_0_y.npy")
    let scored = try ClickText.open(
      toScore: ["\(folder.path)/day_0_x.npy"], schema: folder.schema(Self.smallSchema), fitted: fitted)
    #expect(try ClickSamples(scored).ids == expected.ids)
    let needed = try folder.conversion(Self.smallSchema, "day_0_x.npy")
    #expect(try folder.error { try needed.convert() } == "day_0_y.npy: there is no such file")
  }

  @Test func foldersOfArraysAreTrainedFrom() throws {
    let data = "\(folder.path)/set"
    try FileManager.default.createDirectory(atPath: data, withIntermediateDirectories: true)
    for (name, bytes) in Self.small { folder.write("set/train_\(name)", bytes) }
    folder.write("set/test.npz", Self.zip(Self.small))
    let schema = folder.write("schema.yaml", Self.smallSchema)
    let pair = try ClickText.open(DataConfiguration(path: data, schema: schema))
    #expect(try ClickSamples(pair.training) == ClickSamples(pair.validation))
    #expect(pair.training.count == 2)
  }

  @Test(arguments: [
    ("|b1", [0, 1]), ("|i1", [UInt8(bitPattern: -128), 127]), ("|u1", [0, 255]),
    ("<i2", bytes(Int16(-32768), 32767)), ("<u2", bytes(UInt16(0), 65535)),
    ("<i4", bytes(Int32.min, Int32.max)), ("<u4", bytes(UInt32(0), UInt32.max)), ("<i8", bytes(Int64.min, Int64.max)),
    ("<u8", bytes(UInt64(0), UInt64.max)), ("<f4", bytes(Float(-0.1).bitPattern, Float(3e20).bitPattern)),
    ("<f8", bytes(0.1.bitPattern, (-1e-5).bitPattern)),
  ])
  func everyType(type: String, values: [UInt8]) throws {
    let texts: [String: [String]] = [
      "|b1": ["0", "1"], "|i1": ["-128", "127"], "|u1": ["0", "255"], "<i2": ["-32768", "32767"],
      "<u2": ["0", "65535"], "<i4": ["-2147483648", "2147483647"], "<u4": ["0", "4294967295"],
      "<i8": ["-9223372036854775808", "9223372036854775807"], "<u8": ["0", "18446744073709551615"],
      "<f4": ["-0.1", "3e+20"], "<f8": ["0.1", "-1e-05"],
    ]
    var members = Self.small
    members[1].bytes = Self.array(type, "2, 1", values)
    folder.write("data.npz", Self.zip(members))
    let schema = "{name: a, format: numpy, label: y, dense: [x], ids: {x: {hash: 997}}}"
    _ = try folder.conversion(schema, "data.npz").convert()
    let samples = try folder.samples()
    let expected = try #require(texts[type])
    #expect(samples.ids == expected.map { [Int32(referenceHash($0) % 997)] })
    #expect(samples.dense == expected.map { [Float($0)!] })
  }

  @Test func arraysThatAreNotRead() throws {
    func error(_ x: [UInt8]) throws -> String {
      var members = Self.small
      members[1].bytes = x
      folder.write("data.npz", Self.zip(members))
      let conversion = try folder.conversion(Self.smallSchema, "data.npz")
      let error = try folder.error { try conversion.convert() }
      #expect(error.hasPrefix("data.npz: "))
      return String(error.dropFirst("data.npz: ".count))
    }
    let values = Self.bytes(5, 6, 7, 8)
    #expect(
      try error(Self.array("<i8", "2, 2", values, order: "True"))
        == "the array 'x' lies in Fortran's order, column by column: save numpy.ascontiguousarray of it")
    #expect(
      try error(Self.array("|O", "2, 2", values))
        == "the array 'x' holds Python objects, which are not read: save it as numbers, .astype('int32')")
    #expect(
      try error(Self.array(">i8", "2, 2", values))
        == "the array 'x' is big-endian, '>i8': save it as .astype('<i8')")
    #expect(
      try error(Self.array("<U8", "2, 2", values))
        == "the array 'x' has values of type '<U8', not integers of 8 to 64 bits or floats of 32 or 64: save it as such, "
        + ".astype('float32')")
    #expect(
      try error(Self.array("<i8", "2, 2, 1", values))
        == "the array 'x' has 3 dimensions, but is read with one, or with two (rows, columns): reshape it")
    #expect(
      try error(Self.array("<i8", "2, 3", values))
        == "the array 'x' has 32 bytes of values, but its header says 2 × 3 of type i8: copy it, or save it again")
    #expect(try error(Self.array("<i8", "2, 9223372036854775807", values)).contains("has 32 bytes of values"))
    #expect(
      try error(Self.array("<i8", "1, 4", values))
        == "the array 'y' has 2 rows, but 'x' has 1: they do not belong together")
    #expect(
      try error(Self.array("<i8", "2, 1", Self.bytes(5, 6)))
        == "the array 'x' has 1 column: there is no 'x.2'")
    #expect(try error([1, 2, 3]).hasPrefix("the array 'x' is cut short in its header"))
    #expect(try error(Array("no array at all".utf8)).hasPrefix("the array 'x' does not begin as a NumPy array does"))
    #expect(try error(Self.array("<i8", "2, 2", values, version: 9)).hasPrefix("the array 'x' has version 9 of"))
    #expect(try error(Self.array("<i8", "two", values)).contains("has a header that is not understood"))
  }

  @Test func sourcesThatAreNone() throws {
    func error(_ schema: String, _ name: String) throws -> String {
      let conversion = try folder.conversion(schema, name)
      return try folder.error { try conversion.convert() }
    }
    folder.write("data.npz", Self.zip(Self.small))
    #expect(
      try error("{name: a, format: numpy, label: label, ids: {x.1: {hash: 5}}}", "data.npz")
        == "data.npz: it holds no array 'label': there are y, x")
    #expect(
      try error("{name: a, format: numpy, label: y, ids: {x: {hash: 5}}}", "data.npz")
        == "data.npz: the array 'x' has 2 columns: name them, such as x.1-2")
    for range in ["0-2", "2-1", "1-0", "1-100001"] {
      let schema = "{name: a, format: numpy, label: y, ids: {x.\(range): {hash: 5}}}"
      let error = try #require(throws: ConfigurationError.self) { try folder.schema(schema) }
      #expect("\(error)".contains("'x.\(range)' is no range of columns: they count from 1, such as x.1-13"))
    }
    folder.write("other.npy", Self.small[0].bytes)
    #expect(
      try error(Self.smallSchema, "other.npy")
        == "other.npy: its name does not end as that of an array of the schema (y, x): name it so, such as day_0_labels.npy for "
        + "the array 'labels', or save all in one .npz")
    folder.write("text.csv", "y,x\n1,2\n")
    #expect(
      try error(Self.smallSchema, "text.csv")
        == "text.csv: this is neither an array of NumPy (.npy) nor an archive of such (.npz)")
    let words =
      "this holds NumPy's arrays, which are read where the schema says 'format: numpy' and names their columns"
    for name in ["data.npz", "other.npy"] {
      #expect(try error("{name: a, format: csv, label: y, ids: {x: {hash: 5}}}", name) == "\(name): \(words)")
    }
    folder.write("half.npz", Array(Self.zip(Self.small).dropLast(30)))
    #expect(
      try error(Self.smallSchema, "half.npz")
        == "half.npz: the zip archive has no directory at its end: copy it, or make it again")
  }

  /// Every byte of an archive is changed in turn: an error, or rows, but no trap.
  @Test func noChangedByteEndsInATrap() throws {
    let schema = try folder.schema(Self.arrays.replacingOccurrences(of: "standardize: true", with: ""))
    var damaged = 0
    for place in Self.archive.indices {
      var bytes = [UInt8](Self.archive)
      bytes[place] ^= 0xFF
      let path = folder.write("data.npz", bytes)
      do { _ = try ClickText.summary(of: path, schema: schema) } catch { damaged += error is DatasetError ? 1 : 0 }
    }
    #expect(damaged > 300)
  }

  @Test(arguments: [
    ("label: y, dense: [x.3-2]", "'x.3-2' is no range of columns: they count from 1, such as x.1-13"),
    ("label: y, dense: [x.0-2]", "'x.0-2' is no range of columns: they count from 1, such as x.1-13"),
    ("label: y, dense: [x.1-3, x.2]", "the column 'x.2' stands here twice"),
    ("dense: [x.1-3]", "missing key 'label': name the column that holds the label"),
    ("label: y, dense: [x], trim: true", "'trim' means nothing with format numpy: it belongs to csv"),
  ])
  func schemasThatCannotBe(keys: String, problem: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try folder.schema("{name: a, format: numpy, \(keys)}") }
    #expect(error.description.hasSuffix(problem), "\(error)")
  }
}
