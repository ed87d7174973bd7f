/// Records one after the other; keeps its memory when it is emptied.
final class ClickRecordBuffer {
  private var memory: UnsafeMutableRawPointer
  private var room: Int
  private(set) var byteCount = 0

  init() {
    room = 1 << 12
    memory = .allocate(byteCount: room, alignment: 64)
  }

  deinit { memory.deallocate() }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory, count: byteCount) }

  func clear() { byteCount = 0 }

  /// Room for one more; it stays only if `keep` says so.
  func next(_ layout: ClickRecordLayout) -> UnsafeMutableRawPointer {
    if byteCount + layout.stride > room { grow(to: 2 * (byteCount + layout.stride)) }
    return memory + byteCount
  }

  func keep(_ layout: ClickRecordLayout) { byteCount += layout.stride }

  private func grow(to size: Int) {
    let larger = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 64)
    larger.copyMemory(from: memory, byteCount: byteCount)
    memory.deallocate()
    memory = larger
    room = size
  }
}
