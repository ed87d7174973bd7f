import Buffers

/// The backward pass of a model as a list of instructions on numbered arrays of gradients: pure, and made once.
///
/// Gradients of values that are read once are written; where several readers share a value, the first writes and the
/// others add. The gradient that a join hands back to a branch is fetched just before the branch's last layer needs it,
/// so that as few arrays as possible live at once.
struct BackwardProgram: Sendable {
  enum Instruction: Sendable {
    /// A layer goes backward. `input`: nil where nobody asks for that gradient; `adds`: to what is there.
    case layer(step: Int, output: Int, input: Int?, adds: Bool)
    /// A piece of a layer's parameters.
    case parameters(step: Int, output: Int, piece: Int, of: Int)
    /// The rest of a layer's way backward, its input; `adds`: to what is there.
    case input(step: Int, output: Int, input: Int, adds: Bool)
    /// A join that also rectifies cuts its gradient to where its output is positive.
    case rectify(step: Int, output: Int)
    case copy(from: Int, to: Int)
    case add(from: Int, to: Int)
    /// Columns of a concatenation's gradient.
    case extract(from: Int, column: Int, to: Int, adds: Bool)
    /// The gradients of these nodes are final.
    case done(Range<Int>)
  }

  private(set) var instructions: [Instruction] = []
  /// Floats per sample of each array. The first is what the caller gives: the gradient of the model's output.
  private(set) var widths: [Int]
  /// Places of each array's first and last instruction.
  private(set) var lifetimes: [ClosedRange<Int>]

  /// A branch's share of a join's gradient, not yet fetched.
  private struct Share {
    /// The join's gradient.
    let array: Int
    /// Nil: all of it.
    let column: Int?
  }

  private let needs: [Bool]
  /// For each value, the array that holds its gradient.
  private var arrays: [Int: Int] = [:]
  private var shares: [Int: [Share]] = [:]

  init(_ plan: FusionPlan) {
    needs = plan.needsGradient
    widths = [plan.output.shape.count]
    lifetimes = [0...0]
    arrays[plan.output.value] = 0
    append(.done(plan.rest))
    for number in plan.steps.indices.reversed() {
      goBack(plan.steps[number], number)
    }
  }

  private mutating func goBack(_ step: FusedStep, _ number: Int) {
    guard needs[step.output.value] else { return append(.done(step.members)) }
    let output = fetchShares(of: step)
    switch step.work {
    case .layer(let layer): goBack(layer, step, number, output)
    case .join(let join):
      if join.rectifies { append(.rectify(step: number, output: output), output) }
      for (input, column) in zip(step.inputs, join.columns(of: step.inputs.map(\.shape))) where needs[input.value] {
        shares[input.value, default: []].append(Share(array: output, column: join.combination == .sum ? nil : column))
      }
      append(.done(step.members))
    }
  }

  private mutating func goBack(_ layer: any Layer, _ step: FusedStep, _ number: Int, _ output: Int) {
    let input = step.inputs[0]
    guard needs[input.value] else { return appendParameters(layer, step, number, output: output) }
    if let shared = arrays[input.value], layer.addsInputGradient {
      return appendLayer(layer, step, number, output: output, input: shared, adds: true)
    }
    let own = newArray(input.shape.count)
    appendLayer(layer, step, number, output: output, input: own, adds: false)
    if let shared = arrays[input.value] {
      append(.add(from: own, to: shared), own, shared)
    } else {
      arrays[input.value] = own
    }
  }

  /// All that a layer does where nobody asks for the gradient of its input, and what it does first where it has pieces.
  private mutating func appendParameters(_ layer: any Layer, _ step: FusedStep, _ number: Int, output: Int) {
    let pieces = layer.parameterPieces(for: step.inputs[0].shape)
    if pieces == 0 { append(.layer(step: number, output: output, input: nil, adds: false), output) }
    for piece in 0..<pieces { append(.parameters(step: number, output: output, piece: piece, of: pieces), output) }
    append(.done(step.members))
  }

  /// Its parameters' gradients are announced as soon as they are final.
  private mutating func appendLayer(
    _ layer: any Layer, _ step: FusedStep, _ number: Int, output: Int, input: Int, adds: Bool
  ) {
    guard layer.parameterPieces(for: step.inputs[0].shape) > 0 else {
      append(.layer(step: number, output: output, input: input, adds: adds), output, input)
      return append(.done(step.members))
    }
    appendParameters(layer, step, number, output: output)
    append(.input(step: number, output: output, input: input, adds: adds), output, input)
  }

  /// The array that holds the gradient of what a step puts out, complete.
  private mutating func fetchShares(of step: FusedStep) -> Int {
    let value = step.output.value
    let own = shares.removeValue(forKey: value) ?? []
    for share in own { fetch(share, of: step, isOnly: own.count == 1) }
    guard let array = arrays[value] else { preconditionFailure("nothing reads value \(value)") }
    return array
  }

  /// - Parameter isOnly: nothing else from joins will be added to it.
  private mutating func fetch(_ share: Share, of step: FusedStep, isOnly: Bool) {
    let value = step.output.value
    if arrays[value] == nil, share.column == nil, isOnly, isFree(share.array) || step.keepsOutputGradient(needs) {
      arrays[value] = share.array
      return
    }
    let adds = arrays[value] != nil
    let target = arrays[value] ?? newArray(step.output.shape.count)
    arrays[value] = target
    if let column = share.column {
      append(.extract(from: share.array, column: column, to: target, adds: adds), share.array, target)
    } else {
      append(adds ? .add(from: share.array, to: target) : .copy(from: share.array, to: target), share.array, target)
    }
  }

  /// Whether no other branch still waits for its share of an array.
  private func isFree(_ array: Int) -> Bool { !shares.values.joined().contains { $0.array == array } }

  private mutating func newArray(_ width: Int) -> Int {
    widths.append(width)
    lifetimes.append(instructions.count...instructions.count)
    return widths.count - 1
  }

  private mutating func append(_ instruction: Instruction, _ arrays: Int...) {
    for array in arrays { lifetimes[array] = lifetimes[array].lowerBound...instructions.count }
    instructions.append(instruction)
  }
}

extension FusedStep {
  /// Whether going backward leaves the gradient of its output as it is, for others who need it too.
  fileprivate func keepsOutputGradient(_ needs: [Bool]) -> Bool {
    switch work {
    case .layer(let layer): layer.keepsOutputGradient && needs[inputs[0].value]
    case .join(let join): !join.rectifies
    }
  }
}
