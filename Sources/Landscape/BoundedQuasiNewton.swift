import CLBFGSB

/// The maximum of a function in a box by L-BFGS-B 3.0 (Byrd, Lu, Nocedal and Zhu 1995; Morales and Nocedal 2011), with its
/// stopping rules off: it makes the iterations that it is asked for, or says why not. An iteration takes one evaluation as
/// a rule, and up to 20 where its line search must go far.
///
/// The method's first step is the gradient itself, so what it finds in few iterations depends on the function's unit. Here
/// that is chosen by the box: scaled so that the gradient where it begins is as long, in the sum of magnitudes, as the
/// box's half widths. Another unit of the loss then changes nothing.
struct BoundedQuasiNewton {
  let box: Box
  let iterations: Int

  /// Corrections that are kept: SciPy's default, and the paper's.
  static let corrections = 10

  /// Bytes that the method needs for so many variables, about: two arrays for each correction, and fifteen more.
  static func bytes(variables: Int) -> Double {
    Double(2 * corrections + 15) * Double(variables) * Double(MemoryLayout<Double>.stride)
  }

  /// Indices in the method's work array are 32 bits.
  static let mostVariables = (Int(Int32.max) - 11 * corrections * corrections - 8 * corrections) / (2 * corrections + 5)

  /// - Parameter start: as `Box.start` gives it.
  func maximum(of function: some DifferentiableFunction, from start: Box.Start, middle: Double) throws -> Ascent {
    var ascent = Ascent(start: middle)
    guard start.value.isFinite, start.gradient.allSatisfy(\.isFinite) else {
      ascent.end = .notFinite
      return ascent
    }
    if start.isDrawn { _ = ascent.note(start.value, gradient: start.gradient) }
    let length = start.gradient.reduce(0) { $0 + abs($1) }
    let unit = box.halfWidths.reduce(0, +) / length
    guard unit.isFinite, unit > 0 else {
      ascent.end = .stationary
      return ascent
    }
    var method = ReverseCommunication(box, from: start.point)
    var gradient = start.gradient
    // The method minimises, and first asks for what is known.
    var known: Double? = start.value
    while true {
      switch method.goOn() {
      case .evaluate:
        var value = 0.0
        if let first = known {
          value = first
        } else {
          value = try function.value(at: method.point, gradient: &gradient)
          guard ascent.note(value, gradient: gradient) else { return ascent }
        }
        known = nil
        method.answer((start.value - value) * unit, gradient.map { -$0 * unit })
      case .iterated:
        ascent.iterations += 1
        if ascent.iterations == iterations { return ascent }
      case .ended(let end):
        ascent.end = end
        return ascent
      }
    }
  }
}

/// L-BFGS-B's routine, which is called again and again and says each time what it wants.
private struct ReverseCommunication {
  enum Wish {
    /// The value and gradient at `point`.
    case evaluate
    /// Nothing: an iteration is over.
    case iterated
    case ended(Ascent.End)
  }

  private(set) var point: [Double]
  private let lower: [Double]
  private let upper: [Double]
  private let kinds: [Int32]
  private var value = 0.0
  private var gradient: [Double]
  private var work: [Double]
  private var indices: [Int32]
  private var task = Text("START")
  private var note = Text("")
  private var flags = [Int32](repeating: 0, count: 4)
  private var counters = [Int32](repeating: 0, count: 44)
  private var figures = [Double](repeating: 0, count: 29)

  /// Fortran's: 60 characters, filled up with blanks.
  private struct Text {
    var characters: [CChar]

    init(_ text: String) {
      characters = text.utf8.map { CChar($0) } + [CChar](repeating: 32, count: 60 - text.utf8.count)
    }

    func begins(with text: String) -> Bool { characters.starts(with: text.utf8.map { CChar($0) }) }
  }

  init(_ box: Box, from start: [Double]) {
    let (count, kept) = (start.count, BoundedQuasiNewton.corrections)
    point = start
    lower = box.halfWidths.map { -$0 }
    upper = box.halfWidths
    // Bounded on both sides.
    kinds = [Int32](repeating: 2, count: count)
    gradient = [Double](repeating: 0, count: count)
    work = [Double](repeating: 0, count: 2 * kept * count + 5 * count + 11 * kept * kept + 8 * kept)
    indices = [Int32](repeating: 0, count: 3 * count)
  }

  mutating func answer(_ value: Double, _ gradient: [Double]) {
    self.value = value
    self.gradient = gradient
  }

  mutating func goOn() -> Wish {
    call()
    if task.begins(with: "FG") { return .evaluate }
    if task.begins(with: "NEW_X") { return .iterated }
    // Rules that cannot be switched off: no projected gradient at all, a step that changes no bit of the value.
    return .ended(task.begins(with: "CONVERGENCE") ? .stationary : .lineSearch)
  }

  private mutating func call() {
    // Tolerances of 0 stop nothing that still moves; a negative level prints nothing.
    var (count, kept, level) = (Int32(point.count), Int32(BoundedQuasiNewton.corrections), Int32(-1))
    var (valueTolerance, gradientTolerance) = (0.0, 0.0)
    let length = task.characters.count
    setulb_(
      &count, &kept, &point, lower, upper, kinds, &value, &gradient, &valueTolerance, &gradientTolerance,
      &work, &indices, &task.characters, &level, &note.characters, &flags, &counters, &figures, length, length)
  }
}
