import Buffers
import Foundation

/// Text as Criteo's display advertising data are: a label, 13 counts of which many are missing, 26 ids of eight
/// hexadecimal digits. Fields have as many ids as in Criteo's week of 45.8 M rows; of a field, the r-th commonest has a
/// probability close to r^−1.1. The same rows each time.
struct CriteoText {
  private static let cardinalities = [
    1460, 583, 10_131_227, 2_202_608, 305, 24, 12_517, 633, 3, 93_145, 5683, 8_351_593, 3194, 27, 14_992, 5_461_306, 10,
    5652, 2173, 4, 7_046_547, 18, 15, 286_181, 105, 142_572,
  ]
  /// The shares of rows, about, that have no number or no id.
  private static let missingNumbers = [
    0.45, 0, 0.21, 0.22, 0.03, 0.22, 0.04, 0, 0.04, 0.45, 0.04, 0.77, 0.22,
  ]
  private static let missingIDs = [
    2: 0.03, 3: 0.03, 5: 0.12, 11: 0.03, 15: 0.03, 18: 0.44, 19: 0.44, 20: 0.03, 21: 0.76, 23: 0.03, 24: 0.44, 25: 0.44,
  ]
  private static let medians = [1.0, 3, 6, 4, 2800, 33, 3, 8, 38, 0.5, 1, 0.3, 4]
  private static let exponent = 1.1
  private static let digits = Array("0123456789abcdef".utf8)

  private let random = Philox(7, 2)
  private let spans = cardinalities.map { pow(Double($0 + 1), 1 - exponent) - 1 }
  private var text: [UInt8] = []

  /// - Returns: bytes written.
  static func write(rows: Int, to path: String) throws -> Int {
    try Data().write(to: URL(fileURLWithPath: path))
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    var maker = CriteoText()
    var count = 0
    for row in 0..<rows {
      maker.append(row: UInt64(row))
      guard maker.text.count > 1 << 22 || row == rows - 1 else { continue }
      try file.write(contentsOf: maker.text)
      count += maker.text.count
      maker.text.removeAll(keepingCapacity: true)
    }
    try file.close()
    return count
  }

  private mutating func append(row: UInt64) {
    var block = random.block(row, 0)
    text.append(point(block.x) < 0.25 ? UInt8(ascii: "1") : UInt8(ascii: "0"))
    for (column, median) in Self.medians.enumerated() {
      text.append(UInt8(ascii: "\t"))
      block = random.block(row, UInt64(1 + column))
      if point(block.x) < Self.missingNumbers[column] { continue }
      // Log-logistic: half of the numbers are below the median, and a few far above it.
      let number = min(median * point(block.y) / (1 - point(block.y)), 1e6)
      text.append(contentsOf: String(Int(number)).utf8)
    }
    for field in Self.cardinalities.indices {
      text.append(UInt8(ascii: "\t"))
      block = random.block(row, UInt64(64 + field))
      if point(block.x) < Self.missingIDs[field] ?? 0 { continue }
      let rank = pow(1 + point(block.y) * spans[field], 1 / (1 - Self.exponent)) - 1
      append(id: min(UInt32(rank), UInt32(Self.cardinalities[field] - 1)), of: UInt32(field))
    }
    text.append(UInt8(ascii: "\n"))
  }

  /// A bijection on 32 bits (MurmurHash3's `fmix32`), so that other ranks are other texts.
  private mutating func append(id rank: UInt32, of field: UInt32) {
    var bits = rank &+ field &* 0x9E37_79B9
    bits = (bits ^ bits &>> 16) &* 0x85EB_CA6B
    bits = (bits ^ bits &>> 13) &* 0xC2B2_AE35
    bits ^= bits &>> 16
    for shift in stride(from: UInt32(28), through: 0, by: -4) { text.append(Self.digits[Int(bits &>> shift & 15)]) }
  }

  /// In (0, 1).
  private func point(_ word: UInt32) -> Double { (Double(word) + 0.5) * 0x1p-32 }
}
