import Configuration
import Datasets
import Foundation
import Testing

/// Packed files that claim or hold more than they may.
@Suite struct UnpackedSizeTests {
  let folder = ScratchFolder()

  /// Packs with the system's own program.
  private func pack(_ program: String, _ name: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = program.split(separator: " ").map(String.init) + ["\(folder.path)/\(name)"]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  /// The last four bytes of a gzip file say how long its content is; nothing is allocated by them.
  @Test func falseTrailerTakesNoMemory() throws {
    TinySet().write(to: folder)
    // Noise, so that the packed file is large enough for the claim to have been believed.
    var generator = SystemRandomNumberGenerator()
    let pixels = (0..<(4 << 20)).map { _ in UInt8.random(in: 0...255, using: &generator) }
    folder.write("train-images-idx3-ubyte", bigEndian(2051, 1 << 12, 32, 32) + pixels)
    folder.write("train-labels-idx1-ubyte", bigEndian(2049, 1 << 12) + Array(repeating: 1, count: 1 << 12))
    try pack("gzip", "train-images-idx3-ubyte")
    var packed = folder.read("train-images-idx3-ubyte.gz")
    packed.replaceSubrange(packed.count - 4..<packed.count, with: [0xFF, 0xFF, 0xFF, 0xFF])
    let file = folder.write("train-images-idx3-ubyte.gz", packed)
    let before = try peakMemory()
    #expect(
      try folder.error { try Inspection.inspect(file) }.contains("the gzip data is corrupt (incorrect length check)"))
    #expect(try peakMemory() - before < 200 << 20)
  }

  @Test(arguments: ["gzip", "xz"]) func bombs(program: String) throws {
    // Lines of blanks: a thousandth of it when packed.
    let text = [UInt8](repeating: 0x20, count: 1 << 20) + [0x0A]
    var content = Array("y,c\n1,a\n0,b\n".utf8)
    for _ in 0..<80 { content += text }
    folder.write("bomb.csv", content)
    try pack(program, "bomb.csv")
    let name = "bomb.csv.\(program == "xz" ? "xz" : "gz")"
    let size = folder.read(name).count
    var conversion = try folder.conversion("{name: a, format: csv, trim: true, label: y, ids: {c: {hash: 5}}}", name)
    conversion.badLines = 1 << 20
    #expect(
      try folder.error { try conversion.convert() }
        == "\(name): it unpacks to more than 256 times its own \(size) bytes, which is no data set; if it is, unpack it first"
    )
  }

  @Test func imagesThatAreABomb() throws {
    folder.write("bomb", bigEndian(2051, 1 << 17, 32, 32) + [UInt8](repeating: 0, count: 1 << 27))
    try pack("gzip", "bomb")
    #expect(
      try folder.error { try Inspection.inspect("\(folder.path)/bomb.gz") }.contains(
        "it unpacks to more than 256 times"))
  }

  @Test func xzThatWantsMuchMemory() throws {
    folder.write("data.csv", "y,c\n1,a\n0,b\n")
    try pack("xz --lzma2=dict=1GiB", "data.csv")
    let conversion = try folder.conversion("{name: a, format: csv, label: y, ids: {c: {hash: 5}}}", "data.csv.xz")
    #expect(
      try folder.error { try conversion.convert() }
        == "data.csv.xz: unpacking it needs 1024 MiB, more than 256: pack it again with xz -9 or less, or unpack it first"
    )
  }

  /// Bytes of this process, so far.
  private func peakMemory() throws -> Int {
    let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
    let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
    return (Int(line.filter(\.isNumber)) ?? 0) << 10
  }
}
