import CVectorMath

/// Rows of a few floats, sixteen at a time: what lies between tables and samples. Pointers, because which row is data;
/// callers have checked every row's number.
enum ShortRows {
  static let lanes = 16

  @inline(__always)
  static func load(_ place: UnsafePointer<Float>) -> SIMD16<Float> {
    UnsafeRawPointer(place).loadUnaligned(as: SIMD16<Float>.self)
  }

  @inline(__always)
  static func store(_ value: SIMD16<Float>, at place: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(place).storeBytes(of: value, as: SIMD16<Float>.self)
  }

  @inline(__always)
  static func copy(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
    var done = 0
    while done &+ lanes <= count {
      store(load(source + done), at: target + done)
      done &+= lanes
    }
    while done < count {
      target[done] = source[done]
      done &+= 1
    }
  }

  @inline(__always)
  static func add(_ source: UnsafePointer<Float>, to target: UnsafeMutablePointer<Float>, count: Int) {
    var done = 0
    while done &+ lanes <= count {
      store(load(target + done) + load(source + done), at: target + done)
      done &+= lanes
    }
    while done < count {
      target[done] += source[done]
      done &+= 1
    }
  }

  /// How many rows ahead a loop asks for: a few times what one core can have under way, far less than its first cache.
  static let distance = 32

  /// Asks for a row that will be read soon; of a long row its start, whose end the processor then guesses.
  @inline(__always)
  static func prefetch(_ row: UnsafePointer<Float>, count: Int) {
    lockstep_prefetch(row)
    if count > lanes { lockstep_prefetch(row + lanes) }
  }

  @inline(__always)
  static func prefetchForWriting(_ row: UnsafeMutablePointer<Float>, count: Int) {
    lockstep_prefetch_for_writing(row)
    if count > lanes { lockstep_prefetch_for_writing(row + lanes) }
  }

  /// Stops the program where a number is not one of `rows`: a data set checks its ids when it is opened or read.
  static func require(_ numbers: Span<Int32>, below rows: Int) {
    var largest: UInt32 = 0
    for index in numbers.indices { largest = max(largest, UInt32(bitPattern: numbers[index])) }
    precondition(
      numbers.isEmpty || Int(largest) < rows, "row \(Int32(bitPattern: largest)) of a table of \(rows) rows")
  }
}
