import Foundation

/// Text, read once from its start to its end; unpacked on the way where it is gzip or xz, whatever its name says. Throws
/// `DatasetError`, for forms that are not read as well, and what `whileWaiting` throws (see `ByteInput`).
final class PackedFile {
  let packing: Packing
  private let input: ByteInput
  private let unpacker: (any Unpacker)?
  private let packed: UnsafeMutableRawBufferPointer
  private var packedRange = 0..<0
  private var isAtEnd = false
  private var bytesMade = 0

  private static let packedRoom = 1 << 18

  init(_ path: String, whileWaiting: () throws -> Void = {}) throws {
    input = try ByteInput(path)
    let start = try input.peek(ForeignFormat.signatureSize, whileWaiting: whileWaiting)
    if let foreign = ForeignFormat(start, path) { throw DatasetError(file: DataPath.name(path), foreign.problem) }
    packing = Packing(start)
    unpacker = try packing.unpacker(DataPath.name(path))
    packed = .allocate(byteCount: unpacker == nil ? 0 : Self.packedRoom, alignment: 64)
  }

  deinit { packed.deallocate() }

  var path: String { input.path }
  /// Bytes of the file itself, so far.
  var bytesRead: Int { input.bytesRead }

  /// Fills `buffer` with what comes next; less than all of it only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer, whileWaiting: () throws -> Void = {}) throws -> Int {
    var count = 0
    while count < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[count...])
      let more =
        try unpacker.map { try unpack(with: $0, into: rest, whileWaiting) }
        ?? input.read(into: rest, whileWaiting: whileWaiting)
      if more == 0 { break }
      count += more
    }
    return count
  }

  /// Zero at the end.
  private func unpack(
    with unpacker: any Unpacker, into buffer: UnsafeMutableRawBufferPointer, _ whileWaiting: () throws -> Void
  ) throws -> Int {
    while true {
      if packedRange.isEmpty, !isAtEnd {
        packedRange = 0..<(try input.read(into: packed, whileWaiting: whileWaiting))
        isAtEnd = packedRange.isEmpty
      }
      let part = UnsafeRawBufferPointer(rebasing: packed[packedRange])
      let (taken, made) = try unpacker.unpack(part, isLast: isAtEnd, into: buffer)
      packedRange = packedRange.lowerBound + taken..<packedRange.upperBound
      if made > 0 {
        bytesMade += made
        try UnpackedSize.require(bytesMade, from: input.byteCount ?? bytesRead, unpacker.path)
        return made
      }
      if isAtEnd, packedRange.isEmpty {
        guard unpacker.isAtBoundary else { throw unpacker.error("ends too early, at byte \(bytesRead) of the file") }
        return 0
      }
    }
  }
}

/// One way of packing, as a stream.
protocol Unpacker: AnyObject {
  /// The file, for errors.
  var path: String { get }
  /// `gzip`, for errors.
  var kind: String { get }
  /// Whether the data may end here.
  var isAtBoundary: Bool { get }

  /// - Parameter isLast: nothing comes after `input`.
  /// - Returns: how many bytes of `input` were used up, and how many were written to `output`.
  func unpack(_ input: UnsafeRawBufferPointer, isLast: Bool, into output: UnsafeMutableRawBufferPointer) throws -> (
    taken: Int, made: Int
  )
}

extension Unpacker {
  func error(_ problem: String) -> DatasetError {
    DatasetError(file: path, "the \(kind) data \(problem): copy or download it again")
  }
}
