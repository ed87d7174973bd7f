import Buffers

/// Sorts integers byte by byte, least significant byte first: as many passes as bytes that differ.
package enum RadixSort {
  /// In place, with as much memory again while it runs.
  package static func sort(_ keys: UnsafeMutableBufferPointer<UInt32>) {
    guard keys.count > 1 else { return }
    let scratch = UnsafeMutableBufferPointer<UInt32>.allocate(capacity: keys.count)
    defer { scratch.deallocate() }
    scratch.initialize(repeating: 0)
    var (source, target) = (keys, scratch)
    for shift in stride(from: UInt32(0), to: 32, by: 8) {
      if distribute(source, into: target, shift) { swap(&source, &target) }
    }
    if source.baseAddress != keys.baseAddress { _ = keys.update(fromContentsOf: source) }
  }

  /// A stable pass by one byte; false where that byte is the same in all, and nothing was done.
  private static func distribute(
    _ source: UnsafeMutableBufferPointer<UInt32>, into target: UnsafeMutableBufferPointer<UInt32>, _ shift: UInt32
  ) -> Bool {
    var places = [Int](repeating: 0, count: 256)
    for key in source { places[Int(key >> shift & 0xFF)] += 1 }
    if places.contains(source.count) { return false }
    RadixPass.turnIntoPlaces(&places)
    RadixPass.distribute(UnsafeBufferPointer(source), into: target, &places) { Int($0 >> shift & 0xFF) }
    return true
  }
}
