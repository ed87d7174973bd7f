import CVectorMath

extension RowLoops {
  /// Adam with the semantics of a dense gradient: rows without a gradient have a gradient of zero, so their moments decay
  /// and still move them. One pass over the table, in order.
  ///
  /// Weights that no gradient has ever reached have moments of zero, which nothing changes: they are read and not written.
  ///
  /// - Parameters:
  ///   - numbers: the update's rows in the order of their ids.
  ///   - own: rows of the table that move.
  ///   - scratch: what a block of the table has for a gradient, at least `width` floats; zero before and after.
  ///   - l2OfAllRows: whether L2 pulls at rows without a gradient too.
  public static func updateAll(
    _ update: Update, _ rule: Adam, firstMoment: UnsafeMutableBufferPointer<Float>,
    secondMoment: UnsafeMutableBufferPointer<Float>, numbers: UnsafeBufferPointer<Int32>, rows own: Range<Int>,
    scratch: UnsafeMutableBufferPointer<Float>, l2OfAllRows: Bool = false
  ) {
    let width = update.width
    let isPulled = l2OfAllRows && update.l2 != 0
    let count = update.rows * width
    precondition(firstMoment.count == count && secondMoment.count == count, "moments of another table")
    precondition(numbers.count == update.ids.count, "\(numbers.count) numbers of \(update.ids.count) rows")
    precondition(own.lowerBound >= 0 && own.upperBound <= update.rows, "rows \(own) of a table of \(update.rows)")
    precondition(scratch.count >= width, "scratch of \(scratch.count) for rows of \(width)")
    let blockRows = scratch.count / width
    var next = numbers.firstIndex { Int(update.ids[Int($0)]) >= own.lowerBound } ?? numbers.count
    for start in stride(from: own.lowerBound, to: own.upperBound, by: blockRows) {
      let rows = min(blockRows, own.upperBound - start)
      let firstNumber = next
      let block = UnsafeMutableBufferPointer(rebasing: scratch[..<(rows * width)])
      if isPulled { pull(block, to: update.weights + start * width, update.l2) }
      while next < numbers.count, Int(update.ids[Int(numbers[next])]) < start + rows {
        place(Int(numbers[next]), of: update, in: scratch, from: start)
        next += 1
      }
      decay(
        rule, update.weights + start * width, firstMoment.baseAddress! + start * width,
        secondMoment.baseAddress! + start * width, scratch.baseAddress!, count: rows * width)
      if isPulled {
        block.update(repeating: 0)
        continue
      }
      for index in firstNumber..<next {
        let row = Int(update.ids[Int(numbers[index])]) - start
        (scratch.baseAddress! + row * width).update(repeating: 0, count: width)
      }
    }
  }

  /// L2's gradient of a block of weights.
  @inline(__always)
  private static func pull(
    _ block: UnsafeMutableBufferPointer<Float>, to weights: UnsafeMutablePointer<Float>, _ l2: Float
  ) {
    forChunks(of: block.count) { start, lanes in
      store(l2 * load(weights + start, lanes), block.baseAddress! + start, lanes)
    }
  }

  /// A row's gradient with L2 and clipping, in its place in the block.
  @inline(__always)
  private static func place(
    _ number: Int, of update: Update, in scratch: UnsafeMutableBufferPointer<Float>, from start: Int
  ) {
    let (weight, raw, factor) = (
      update.weight(number), update.gradients + number &* update.width, update.factor(number)
    )
    let target = scratch.baseAddress! + (Int(update.ids[number]) &- start) &* update.width
    forChunks(of: update.width) { start, lanes in
      let gradient = update.gradient(load(raw + start, lanes), load(weight + start, lanes))
      store(factor * gradient, target + start, lanes)
    }
  }

  @inline(__always)
  private static func decay(
    _ rule: Adam, _ weights: UnsafeMutablePointer<Float>, _ first: UnsafeMutablePointer<Float>,
    _ second: UnsafeMutablePointer<Float>, _ gradients: UnsafeMutablePointer<Float>, count: Int
  ) {
    forChunks(of: count) { start, lanes in
      if lanes == ShortRows.lanes, lockstep_are_zero(first + start, second + start, gradients + start) { return }
      let gradient = load(gradients + start, lanes)
      var (a, b) = (load(first + start, lanes), load(second + start, lanes))
      var weight = load(weights + start, lanes)
      rule.update(&weight, &a, &b, gradient: gradient)
      store(weight, weights + start, lanes)
      store(a, first + start, lanes)
      store(b, second + start, lanes)
    }
  }
}
