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

  @Test(arguments: [
    "[0, 25]", "[0]", "[8, 0]", "[-8, 16]", "[5, -9223372036854775808]", "[9223372036854775807, 24]", "[0, 20]",
  ])
  func offsetsThatLieAreAnError(offsets: String) throws {
    let folder = try TemporaryFolder()
    let header = Data(#"{"x":{"dtype":"F32","shape":[2,3],"data_offsets":\#(offsets)}}"#.utf8)
    let file = folder.file("x.safetensors")
    try (withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) } + header + Data(count: 24)).write(to: file)
    #expect(problem(file, into: [(name: "x", tensor: Tensor(Shape(2, 3)))]).contains("'x' lies outside the file"))
  }

  @Test(arguments: ["[4611686018427387904, 4]", "[-1, -6]"]) func shapesThatLieAreAnError(shape: String) throws {
    let folder = try TemporaryFolder()
    let header = Data(#"{"x":{"dtype":"F32","shape":\#(shape),"data_offsets":[0,24]}}"#.utf8)
    let file = folder.file("x.safetensors")
    try (withUnsafeBytes(of: UInt64(header.count).littleEndian) { Data($0) } + header + Data(count: 24)).write(to: file)
    #expect(problem(file).contains("'x' lies outside the file"))
  }
}
