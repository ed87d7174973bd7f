import CVectorMath

extension RowLoops {
  /// A table and the gradient of some of its rows.
  public struct Update {
    /// `[rows, width]`
    let weights: UnsafeMutablePointer<Float>
    let rows: Int
    let width: Int
    /// The touched rows, in the order of `gradients`.
    let ids: UnsafeBufferPointer<Int32>
    /// `[ids.count, width]`
    let gradients: UnsafeMutablePointer<Float>
    /// The factor of every gradient.
    let gradientScale: Float
    /// Added to the gradient: `l2` · w.
    let l2: Float
    let clip: Clip?

    /// CowClip (Zheng et al. 2022): a row's gradient g, L2 included, becomes at most
    /// `ratio` · max(‖w‖, `floor`) · (how often the id occurs in the global batch) long.
    public struct Clip {
      let ratio: Float
      let floor: Float
      /// Occurrences of each row of the gradient.
      let occurrences: UnsafeBufferPointer<Int32>

      /// Takes one count for each row of the gradient.
      public init(ratio: Float, floor: Float, occurrences: UnsafeBufferPointer<Int32>) {
        self.ratio = ratio
        self.floor = floor
        self.occurrences = occurrences
      }
    }

    /// Every id must be a row of the table: looked at here once, so that the loops need not. Weights are `[rows,
    /// width]`, gradients `[ids.count, width]`.
    public init(
      weights: UnsafeMutableBufferPointer<Float>, width: Int, ids: UnsafeBufferPointer<Int32>,
      gradients: UnsafeMutableBufferPointer<Float>, gradientScale: Float, l2: Float, clip: Clip?
    ) {
      precondition(width > 0 && weights.count % width == 0, "\(weights.count) weights in rows of \(width)")
      precondition(gradients.count == ids.count * width, "\(gradients.count) gradients, \(ids.count) rows of \(width)")
      precondition(clip.map { $0.occurrences.count == ids.count } ?? true, "not a count for each row")
      rows = weights.count / width
      let largest = ids.reduce(into: UInt32(0)) { $0 = max($0, UInt32(bitPattern: $1)) }
      precondition(ids.isEmpty || largest < rows, "row \(largest) of a table of \(rows)")
      self.weights = weights.baseAddress!
      self.width = width
      self.ids = ids
      self.gradients = gradients.baseAddress!
      self.gradientScale = gradientScale
      self.l2 = l2
      self.clip = clip
    }

    @inline(__always)
    func weight(_ number: Int) -> UnsafeMutablePointer<Float> { weights + Int(ids[number]) &* width }

    /// Before the row's factor.
    @inline(__always)
    func gradient(_ raw: SIMD16<Float>, _ weight: SIMD16<Float>) -> SIMD16<Float> {
      (gradientScale * raw).addingProduct(SIMD16(repeating: l2), weight)
    }

    /// The factor of row `number`'s gradient by clipping.
    @inline(__always)
    func factor(_ number: Int) -> Float {
      guard let clip else { return 1 }
      let (weight, raw) = (weight(number), gradients + number &* width)
      var (weightSquares, gradientSquares) = (SIMD16<Float>(), SIMD16<Float>())
      forChunks(of: width) { start, lanes in
        let w = load(weight + start, lanes)
        let g = gradient(load(raw + start, lanes), w)
        weightSquares.addProduct(w, w)
        gradientSquares.addProduct(g, g)
      }
      let length = lockstep_sqrt(gradientSquares.sum())
      let limit = clip.ratio * max(lockstep_sqrt(weightSquares.sum()), clip.floor) * Float(clip.occurrences[number])
      return length > limit ? limit / length : 1
    }
  }

  /// w ← w − rate · g on the touched rows.
  public static func update(_ update: Update, _ rule: Descent) { run(update, rule, update.weights, update.weights) }

  /// - Parameter sum: as the table.
  public static func update(_ update: Update, _ rule: Adagrad, sum: UnsafeMutableBufferPointer<Float>) {
    run(update, rule, state(sum, update), update.weights)
  }

  /// Touched rows only: LazyAdam. Moments as the table.
  public static func update(
    _ update: Update, _ rule: Adam, firstMoment: UnsafeMutableBufferPointer<Float>,
    secondMoment: UnsafeMutableBufferPointer<Float>
  ) {
    run(update, rule, state(firstMoment, update), state(secondMoment, update))
  }

  /// - Parameters:
  ///   - linear: z, as the table.
  ///   - sum: n, as the table.
  public static func update(
    _ update: Update, _ rule: FollowTheRegularizedLeader, linear: UnsafeMutableBufferPointer<Float>,
    sum: UnsafeMutableBufferPointer<Float>
  ) {
    run(update, rule, state(linear, update), state(sum, update))
  }

  /// h ← h + mean(g²), one h a row; w ← w − rate · g / (√h + ε). As FBGEMM's row-wise Adagrad.
  /// - Parameter sum: `[rows]`.
  public static func updateRowwise(_ update: Update, _ rule: Adagrad, sum: UnsafeMutableBufferPointer<Float>) {
    precondition(sum.count == update.rows, "\(sum.count) sums for \(update.rows) rows")
    for number in update.ids.indices {
      if number + distanceAhead < update.ids.count {
        lockstep_prefetch_for_writing(update.weight(number + distanceAhead))
        lockstep_prefetch_for_writing(sum.baseAddress! + Int(update.ids[number + distanceAhead]))
      }
      let (weight, raw, factor) = (
        update.weight(number), update.gradients + number &* update.width, update.factor(number)
      )
      var squares = SIMD16<Float>()
      forChunks(of: update.width) { start, lanes in
        let gradient = factor * update.gradient(load(raw + start, lanes), load(weight + start, lanes))
        squares.addProduct(gradient, gradient)
      }
      let total = sum[Int(update.ids[number])] + squares.sum() / Float(update.width)
      sum[Int(update.ids[number])] = total
      let step = -rule.learningRate / (lockstep_sqrt(total) + rule.epsilon) * factor
      forChunks(of: update.width) { start, lanes in
        let w = load(weight + start, lanes)
        let gradient = update.gradient(load(raw + start, lanes), w)
        store(w.addingProduct(SIMD16(repeating: step), gradient), weight + start, lanes)
      }
    }
  }

  private static func state(_ state: UnsafeMutableBufferPointer<Float>, _ update: Update) -> UnsafeMutablePointer<Float>
  {
    precondition(state.count == update.rows * update.width, "state of \(state.count) for \(update.rows) rows")
    return state.baseAddress!
  }

  private static func run<Rule: RowRule>(
    _ update: Update, _ rule: Rule, _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>
  ) {
    if update.width == 1, update.clip == nil {
      narrow(update, rule, first, second)
    } else {
      wide(update, rule, first, second)
    }
  }

  /// A row at a time, 16 of its weights at a time.
  @inline(__always)
  private static func wide<Rule: RowRule>(
    _ update: Update, _ rule: Rule, _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>
  ) {
    let width = update.width
    for number in update.ids.indices {
      if number &+ distanceAhead < update.ids.count {
        let ahead = Int(update.ids[number &+ distanceAhead]) &* width
        lockstep_prefetch_for_writing(update.weights + ahead)
        if Rule.stateCount > 0 { lockstep_prefetch_for_writing(first + ahead) }
        if Rule.stateCount > 1 { lockstep_prefetch_for_writing(second + ahead) }
      }
      let place = Int(update.ids[number]) &* width
      let raw = update.gradients + number &* width
      let factor = update.factor(number)
      forChunks(of: width) { start, lanes in
        var weight = load(update.weights + place + start, lanes)
        var a = Rule.stateCount > 0 ? load(first + place + start, lanes) : SIMD16()
        var b = Rule.stateCount > 1 ? load(second + place + start, lanes) : SIMD16()
        rule.update(&weight, &a, &b, gradient: factor * update.gradient(load(raw + start, lanes), weight))
        store(weight, update.weights + place + start, lanes)
        if Rule.stateCount > 0 { store(a, first + place + start, lanes) }
        if Rule.stateCount > 1 { store(b, second + place + start, lanes) }
      }
    }
  }

  /// Rows of one weight, 16 rows at a time.
  @inline(__always)
  private static func narrow<Rule: RowRule>(
    _ update: Update, _ rule: Rule, _ first: UnsafeMutablePointer<Float>, _ second: UnsafeMutablePointer<Float>
  ) {
    forChunks(of: update.ids.count) { start, lanes in
      let ids = update.ids.baseAddress! + start
      let next = start &+ lanes
      for index in next..<min(next &+ ShortRows.lanes, update.ids.count) {
        let ahead = Int(update.ids[index])
        lockstep_prefetch_for_writing(update.weights + ahead)
        if Rule.stateCount > 0 { lockstep_prefetch_for_writing(first + ahead) }
        if Rule.stateCount > 1 { lockstep_prefetch_for_writing(second + ahead) }
      }
      var weight = gather(update.weights, ids, lanes)
      var a = Rule.stateCount > 0 ? gather(first, ids, lanes) : SIMD16()
      var b = Rule.stateCount > 1 ? gather(second, ids, lanes) : SIMD16()
      rule.update(&weight, &a, &b, gradient: update.gradient(load(update.gradients + start, lanes), weight))
      scatter(weight, update.weights, ids, lanes)
      if Rule.stateCount > 0 { scatter(a, first, ids, lanes) }
      if Rule.stateCount > 1 { scatter(b, second, ids, lanes) }
    }
  }

  // Not inlined: the compiler would do each lane's arithmetic alone, since each lane comes alone.
  @inline(never)
  private static func gather(
    _ base: UnsafeMutablePointer<Float>, _ ids: UnsafePointer<Int32>, _ lanes: Int
  ) -> SIMD16<Float> {
    var result = SIMD16<Float>()
    for lane in 0..<lanes { result[lane] = base[Int(ids[lane])] }
    return result
  }

  @inline(never)
  private static func scatter(
    _ values: SIMD16<Float>, _ base: UnsafeMutablePointer<Float>, _ ids: UnsafePointer<Int32>, _ lanes: Int
  ) {
    for lane in 0..<lanes { base[Int(ids[lane])] = values[lane] }
  }
}
