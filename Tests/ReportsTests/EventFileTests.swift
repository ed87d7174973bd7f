import Foundation
import Reports
import Testing

@Suite("Event files")
struct EventFileTests {
  /// RFC 3720, B.4, and the value that catalogues give for "123456789".
  @Test(
    arguments: [
      ([UInt8](repeating: 0, count: 32), 0x8A91_36AA), ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
      ([UInt8](0..<32), 0x46DD_794E), ([UInt8]((0..<32).reversed()), 0x113F_DB5C),
      ([UInt8]("123456789".utf8), 0xE306_9283), ([], 0),
    ] as [([UInt8], UInt32)])
  func checksums(bytes: [UInt8], checksum: UInt32) { #expect(CRC32C.checksum(bytes) == checksum) }

  /// Varints of 300, -1 and 0, a double, a float, a text and a message: protobuf.dev's own examples where it has one.
  @Test func fields() {
    func bytes(_ add: (inout ProtobufMessage) -> Void) -> [UInt8] {
      var message = ProtobufMessage()
      add(&message)
      return message.bytes
    }
    #expect(bytes { $0.add(1, 150) } == [0x08, 0x96, 0x01])
    #expect(bytes { $0.add(1, -1) } == [0x08] + [UInt8](repeating: 0xFF, count: 9) + [0x01])
    #expect(bytes { $0.add(16, 0) } == [0x80, 0x01, 0x00])
    #expect(bytes { $0.add(2, "testing") } == [0x12, 0x07] + "testing".utf8)
    #expect(bytes { $0.add(1, 1.5) } == [0x09, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F])
    #expect(bytes { $0.add(2, Float(0.1)) } == [0x15, 0xCD, 0xCC, 0xCC, 0x3D])
    let inner = {
      var message = ProtobufMessage()
      message.add(1, 150)
      return message
    }()
    #expect(bytes { $0.add(3, inner) } == [0x1A, 0x03, 0x08, 0x96, 0x01])
  }

  /// As `RecordWriter` of tensorboard 2.21 writes the same events, as Google's Protocol Buffers encode them.
  @Test func records() {
    var file = EventFile(time: 1.5)
    let first = "1800000000000000a37f4b2209000000000000f83f1a0d627261696e2e4576656e743a322a28646c"
    #expect(hexadecimal(file.bytes) == first)
    file.addScalar("test/loss", 0.1, step: 300, time: 1_795_752_919.25)
    let second =
      "200000000000000029eda950090000d0f540c2da4110ac022a120a100a09746573742f6c6f737315cdcccc3db79f67eb"
    #expect(hexadecimal(file.bytes) == first + second)
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity, 1e308, -1e308, 1e-308]) func anyNumberIsAPoint(value: Double) {
    var file = EventFile(time: 0)
    let before = file.bytes.count
    file.addScalar("x", value, step: .max, time: value)
    #expect(file.bytes.count == before + 16 + 9 + 10 + 2 + 2 + 3 + 5)
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String { bytes.map { String(format: "%02x", $0) }.joined() }
}
