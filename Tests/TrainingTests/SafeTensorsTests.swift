import Buffers
import Foundation
import Testing
import Training

@Suite struct SafeTensorsTests {
  private let tensors = [
    (name: "a.weight", tensor: Tensor((0..<6).map { Float($0) / 7 }, shape: Shape(2, 3))),
    (name: "b", tensor: Tensor([.infinity], shape: Shape(1))),
    (name: "empty", tensor: Tensor([], shape: Shape(0, 4))),
  ]

  private func written(_ folder: TemporaryFolder) throws -> URL {
    let file = folder.file("x.safetensors")
    try SafeTensors.write(tensors, metadata: ["note": "a\nb"], to: file)
    return file
  }

  private var blanks: [(name: String, tensor: Tensor)] { tensors.map { ($0.name, Tensor($0.tensor.shape)) } }

  /// The error that reading `file` gives.
  private func problem(_ file: URL, into wanted: [(name: String, tensor: Tensor)]? = nil) -> String {
    do {
      try SafeTensors.read(file, into: wanted ?? blanks)
      return "none"
    } catch { return "\(error)" }
  }

  @Test func comesBackAsWritten() throws {
    let folder = try TemporaryFolder()
    let file = try written(folder)
    let back = blanks
    try SafeTensors.read(file, into: back)
    for (a, b) in zip(tensors, back) { #expect(a.tensor.values == b.tensor.values) }
    #expect(try SafeTensors.metadata(of: file) == ["note": "a\nb"])
    #expect(try SafeTensors.contents(of: file).map(\.name) == ["a.weight", "b", "empty"])
    let data = try Data(contentsOf: file)
    #expect((data.count - 28) % 8 == 0, "the numbers begin at \(data.count - 28)")
  }

  @Test func anotherLayoutIsNamed() throws {
    let folder = try TemporaryFolder()
    let file = try written(folder)
    let transposed = [("a.weight", Tensor(Shape(3, 2)))] + blanks.dropFirst().map { ($0.name, $0.tensor) }
    #expect(problem(file, into: transposed.map { (name: $0.0, tensor: $0.1) }).contains("'a.weight' is F32 [2, 3]"))
    #expect(problem(file, into: Array(blanks.dropFirst())).contains("holds 'a.weight'"))
    #expect(problem(file, into: blanks + [(name: "c", tensor: Tensor(Shape(1)))]).contains("has no 'c'"))
  }

  @Test func everyTruncationIsAnErrorAndLeavesTheTensorsAlone() throws {
    let folder = try TemporaryFolder()
    let whole = try Data(contentsOf: try written(folder))
    for count in 0..<whole.count {
      let file = folder.file("short.safetensors")
      try whole.prefix(count).write(to: file)
      let into = blanks
      #expect(problem(file, into: into).contains("truncated"), "\(count) of \(whole.count) bytes")
      #expect(into.allSatisfy { $0.tensor.values.allSatisfy { $0 == 0 } })
    }
  }

  /// A file of this header and so many bytes of numbers.
  private func file(_ header: String, numbers: Int = 24, in folder: TemporaryFolder) throws -> URL {
    try file(Data(header.utf8), numbers: numbers, in: folder)
  }

  private func file(_ header: Data, numbers: Int = 24, in folder: TemporaryFolder) throws -> URL {
    let file = folder.file("x.safetensors")
    try (withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) } + header + Data(count: numbers)).write(
      to: file)
    return file
  }

  @Test(arguments: ["[0, 25]", "[0]", "[8, 0]", "[9223372036854775807, 24]"])
  func offsetsThatLieAreAnError(offsets: String) throws {
    let folder = try TemporaryFolder()
    let file = try file(#"{"x":{"dtype":"F32","shape":[2,3],"data_offsets":\#(offsets)}}"#, in: folder)
    #expect(problem(file, into: [(name: "x", tensor: Tensor(Shape(2, 3)))]).contains("'x' lies outside the file"))
  }

  @Test(arguments: ["[4611686018427387904, 4]", "[2, 2]", "[2, 4]", "[]", "[0]"])
  func shapesThatLieAreAnError(shape: String) throws {
    let folder = try TemporaryFolder()
    let file = try file(#"{"x":{"dtype":"F32","shape":\#(shape),"data_offsets":[0,24]}}"#, in: folder)
    #expect(problem(file).contains("'x' has 24 bytes, which is not what"))
  }

  /// Each byte of the numbers is of one tensor, and a name stands for one of them.
  @Test(arguments: [
    (
      #"{"x":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"y":{"dtype":"F32","shape":[3],"data_offsets":[12,24]}}"#,
      "'y' overlaps"
    ),
    (
      #"{"x":{"dtype":"F32","shape":[6],"data_offsets":[0,24]},"y":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}"#,
      "'y' overlaps"
    ),
    (#"{"x":{"dtype":"F32","shape":[5],"data_offsets":[0,20]}}"#, "bytes 20 to 24 of its numbers belong to no tensor"),
    (#"{"x":{"dtype":"F32","shape":[5],"data_offsets":[4,24]}}"#, "bytes 0 to 4"),
    (
      #"{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"y":{"dtype":"F32","shape":[2],"data_offsets":[16,24]}}"#,
      "bytes 8 to 16"
    ),
    ("{}", "bytes 0 to 24"), (#"{"__metadata__":{"a":"b"}}"#, "bytes 0 to 24"),
    (
      #"{"x":{"dtype":"F32","shape":[6],"data_offsets":[0,24]},"x":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]}}"#,
      "the key 'x' stands here more than once"
    ),
    (
      #"{"x":{"dtype":"F32","shape":[6],"shape":[3,2],"data_offsets":[0,24]}}"#,
      "the key 'shape' stands here more than once"
    ),
    (#"{"x":{"dtype":"F32","shape":[6],"data_offsets":[0,24]},"__metadata__":{"a":1}}"#, "__metadata__.a is"),
    (#"{"x":{"dtype":"F64","shape":[6],"data_offsets":[0,24]}}"#, "'x' has 24 bytes"),
    (#"{"x":{"dtype":"F32","shape":[-1,-6],"data_offsets":[0,24]}}"#, "x.shape[0] is -1, but must be at least 0"),
    (#"{"x":{"dtype":"F32","shape":[6],"data_offsets":[-8,16]}}"#, "x.data_offsets[0] is -8"),
    (#"{"x":{"dtype":"F32","shape":[6],"data_offsets":[5,-9223372036854775808]}}"#, "x.data_offsets[1] is -9"),
    (#"[{"dtype":"F32","shape":[6],"data_offsets":[0,24]}]"#, "not a safetensors file"),
    (#" {"x":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}"#, "not a safetensors file"),
    (#"{"x":{"dtype":"F32","shape":[6]}}"#, "missing key 'x.data_offsets'"), ("", "not a safetensors file"),
  ])
  func headersThatLieAreAnErrorForEachReader(header: String, words: String) throws {
    let folder = try TemporaryFolder()
    let file = try file(header, in: folder)
    #expect(problem(file).contains(words), "\(problem(file))")
    for read in [{ _ = try SafeTensors.contents(of: file) }, { _ = try SafeTensors.metadata(of: file) }] {
      let error = #expect(throws: SafeTensors.Failure.self) { try read() }
      #expect(
        error?.description.hasPrefix("\(file.path): ") == true && error?.description.hasSuffix("write it again") == true
      )
    }
  }

  @Test func aHeaderThatIsNoTextIsAnError() throws {
    let folder = try TemporaryFolder()
    var header = Data(#"{"x":{"dtype":"F32","shape":[6],"data_offsets":[0,24]}}"#.utf8)
    header[2] = 0xff
    #expect(problem(try file(header, in: folder)).contains("a text is not UTF-8; write it again"))
  }

  @Test(arguments: [UInt64.max, 1 << 63, 1 << 40, 33, 100_000_001]) func lengthsThatLieAreAnError(length: UInt64) throws
  {
    let folder = try TemporaryFolder()
    let url = folder.file("x.safetensors")
    try (withUnsafeBytes(of: length.littleEndian) { Data($0) } + Data(count: 24)).write(to: url)
    #expect(problem(url).contains("not a safetensors file, or truncated"))
    // Where the file is as long as it says, no header is.
    guard length == 100_000_001 else { return }
    try #require(truncate(url.path, 8 + 100_000_001) == 0)
    #expect(problem(url).contains("a header of 100000001 bytes"))
  }

  @Test func otherThanFilesAreNotOpened() throws {
    let folder = try TemporaryFolder()
    let pipe = folder.file("pipe.safetensors")
    try #require(mkfifo(pipe.path, 0o600) == 0)
    #expect(problem(pipe).contains("this is a pipe"))
    #expect(problem(folder.url).contains("this is a folder"))
    #expect(problem(folder.file("none")).contains("no such file"))
  }
}
