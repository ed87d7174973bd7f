/// Text, read once from its start to its end. Throws `DatasetError`, and what `whileWaiting` throws (see `ByteInput`).
protocol ClickTextSource: AnyObject {
  var path: String { get }
  /// Bytes of the file itself, so far.
  var bytesRead: Int { get }

  /// Fills `buffer` with what comes next; less than all of it only at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer, whileWaiting: () throws -> Void) throws -> Int
}

extension PackedFile: ClickTextSource {}
