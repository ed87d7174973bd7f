/// The texts of several fields, row by row, each field's side by side; keeps its memory when it is emptied.
final class ClickKeyBuffer {
  let fields: Int
  private(set) var rows = 0
  private var room: Int
  private var memory: UnsafeMutablePointer<TextKey>

  init(fields: Int, room: Int = 1 << 12) {
    self.fields = fields
    self.room = room
    memory = .allocate(capacity: fields * Self.stride(room))
  }

  deinit { memory.deallocate() }

  /// A cache line more than there is room for: fields a power of two apart would compete for the same lines.
  private static func stride(_ room: Int) -> Int { room + 4 }

  func clear() { rows = 0 }

  /// - Parameter key: of a field, by its number.
  @inline(__always)
  func append(_ key: (Int) -> TextKey) {
    if rows == room { grow() }
    for field in 0..<fields { (memory + field &* Self.stride(room) + rows).initialize(to: key(field)) }
    rows += 1
  }

  subscript(field: Int) -> UnsafeBufferPointer<TextKey> {
    UnsafeBufferPointer(start: memory + field * Self.stride(room), count: rows)
  }

  private func grow() {
    let larger = UnsafeMutablePointer<TextKey>.allocate(capacity: fields * Self.stride(2 * room))
    for field in 0..<fields {
      (larger + field * Self.stride(2 * room)).update(from: memory + field * Self.stride(room), count: rows)
    }
    memory.deallocate()
    memory = larger
    room *= 2
  }
}
