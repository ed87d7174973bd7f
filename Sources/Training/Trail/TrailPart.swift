/// What one rank noted of one step: sums over the bits of arrays (`BitSum`), by which two runs are compared.
package struct TrailPart: Equatable, Sendable {
  /// From 1, of the run.
  package var update: Int
  /// From 1.
  package var epoch: Int
  /// In the order in which the rank went through them.
  package var microbatches: [Microbatch] = []
  /// Nil where they are those of the first rank.
  package var sums: Sums?
  /// Arrays of the state that were not what the update before had left, when the gradient was there: nothing writes to them then.
  package var changes: [Int] = []

  package init(update: Int, epoch: Int) { (self.update, self.epoch) = (update, epoch) }

  /// Of one microbatch.
  package struct Microbatch: Equatable, Sendable {
    /// In the global batch, from 0.
    package var number: Int
    /// Of its samples, from 0.
    package var view: Int
    /// Which gradient of the step it is for, from 0: sharpness-aware steps have two.
    package var round: Int
    /// Of inputs, ids, labels and weights.
    package var samples: UInt64 = 0
    /// What each layer put out.
    package var outputs: [UInt64] = []
    /// The bits of the loss's sum.
    package var loss: UInt64 = 0
    package var gradients: [UInt64] = []

    package init(number: Int, view: Int, round: Int) {
      (self.number, self.view, self.round) = (number, view, round)
    }
  }

  /// Of what all ranks have alike.
  package struct Sums: Equatable, Sendable {
    /// The mean gradient.
    package var gradient: [UInt64]
    /// After the update.
    package var state: [UInt64]

    package init(gradient: [UInt64], state: [UInt64]) { (self.gradient, self.state) = (gradient, state) }
  }
}

extension TrailPart {
  /// As it travels and is kept.
  package var words: [UInt64] {
    var words = [update, epoch, microbatches.count].map { UInt64($0) }
    for microbatch in microbatches {
      words += [microbatch.number, microbatch.view, microbatch.round].map { UInt64($0) }
      words += [microbatch.samples, microbatch.loss]
      words += microbatch.outputs
      words += microbatch.gradients
    }
    words.append(sums == nil ? 0 : 1)
    if let sums { words += sums.gradient + sums.state }
    return words + [UInt64(changes.count)] + changes.map { UInt64($0) }
  }

  /// Nothing is made larger than the words that are there.
  ///
  /// - Throws: `TrailError` where they are no part.
  package init(_ words: inout TrailWords, _ shape: TrailShape) throws {
    self.init(update: try words.number(in: 1...Self.most), epoch: try words.number(in: 1...Self.most))
    for _ in 0..<(try words.number(in: 0...Self.most)) { microbatches.append(try Microbatch(&words, shape)) }
    if try words.number(in: 0...1) == 1 {
      sums = Sums(gradient: try words.take(shape.gradients.count), state: try words.take(shape.state.count))
    }
    for _ in 0..<(try words.number(in: 0...shape.state.count)) {
      changes.append(try words.number(in: 0...shape.state.count - 1))
    }
  }

  private static let most = 1 << 53
}

extension TrailPart.Microbatch {
  fileprivate init(_ words: inout TrailWords, _ shape: TrailShape) throws {
    let most = 1 << 53
    self.init(
      number: try words.number(in: 0...most), view: try words.number(in: 0...most),
      round: try words.number(in: 0...most))
    (samples, loss) = (try words.take(), try words.take())
    (outputs, gradients) = (try words.take(shape.layers.count), try words.take(shape.gradients.count))
  }
}

/// Words that are read one after the other.
package struct TrailWords {
  private let words: [UInt64]
  private var next = 0

  package init(_ words: [UInt64]) { self.words = words }

  package var isAtEnd: Bool { next == words.count }

  mutating func take() throws -> UInt64 { try take(1)[0] }

  mutating func take(_ count: Int) throws -> [UInt64] {
    guard count <= words.count - next else { throw TrailError("it ends within a step") }
    defer { next += count }
    return Array(words[next..<next + count])
  }

  mutating func number(in range: ClosedRange<Int>) throws -> Int {
    let word = try take()
    guard let number = Int(exactly: word), range.contains(number) else {
      throw TrailError("\(word) stands where \(range.lowerBound) to \(range.upperBound) may")
    }
    return number
  }
}
