import Buffers
import Kernels

final class BoundBranches: BoundLayer {
  private struct Branch {
    /// Nil: the input as it is.
    let chain: BoundChain?
    /// Per sample.
    let output: Shape
    /// Where its output begins in a concatenation.
    let column: Int
  }

  private let branches: [Branch]
  private let combination: Branches.Combination
  /// Of one sample.
  private let outputCount: Int
  /// One branch's share of the output's gradient, `[maximumRows, …]` of the widest.
  private let outputScratch: Tensor?
  /// A branch's gradient of the input, for those that cannot add it themselves: `[maximumRows, …]`.
  private let inputScratch: Tensor?

  init(_ layer: Branches, _ binding: LayerBinding) throws {
    combination = layer.combination
    outputCount = binding.output.count
    branches = try Self.bind(layer, binding)
    let widest = branches.map(\.output.count).max() ?? 0
    let rows = binding.maximumRows
    outputScratch = binding.goesBackward ? Tensor(Shape(rows, widest)) : nil
    let needsScratch = branches.dropFirst().contains { $0.chain?.addsInputGradient == false }
    inputScratch =
      binding.goesBackward && binding.needsInputGradient && needsScratch ? Tensor(binding.input.batched(rows)) : nil
  }

  private static func bind(_ layer: Branches, _ binding: LayerBinding) throws -> [Branch] {
    let chains = layer.checkedChains(binding.input)
    let memory = LayerMemory.shares(of: binding, for: chains.flatMap { $0.parameters() })
    var firstLayer = 0
    var column = 0
    return try chains.enumerated().map { number, chain in
      defer {
        firstLayer += chain.layers.count
        column += chain.output.count
      }
      let place = BoundChain.Place(
        maximumRows: binding.maximumRows, seed: binding.seed, needsInputGradient: binding.needsInputGradient,
        goesBackward: binding.goesBackward, index: { nestedIndex(binding.index, number, $0) })
      let own = Array(memory[firstLayer..<firstLayer + chain.layers.count])
      return Branch(
        chain: chain.layers.isEmpty ? nil : try BoundChain(chain, memory: own, place), output: chain.output,
        column: column)
    }
  }

  /// Like no other layer's number in the model: the digits of the way to it, none of them 0.
  private static func nestedIndex(_ index: Int, _ branch: Int, _ layer: Int) -> Int {
    (((index &+ 1) &* 1024 &+ branch &+ 1) &* 1024 &+ layer &+ 1) & Int.max
  }

  func forward(_ input: Tensor, _ output: Tensor, _ pass: Pass) throws {
    for (number, branch) in branches.enumerated() {
      let result = try branch.chain?.forward(input, pass) ?? input
      var whole = output.buffer.mutableSpan
      switch combination {
      case .concatenate: Columns.insert(result.buffer.span, rows: pass.rows, into: &whole, at: branch.column)
      case .sum where number == 0: output.copy(from: result)
      case .sum: Arithmetic.add(result.buffer.span, to: &whole)
      }
    }
  }

  func backward(input: Tensor, output: Tensor, outputGradient: Tensor, inputGradient: Tensor?, _ pass: Pass) throws {
    for number in branches.indices {
      let adds = number > 0
      if let chain = branches[number].chain {
        let share = share(of: number, outputGradient, pass.rows)
        try backward(chain, input, share, inputGradient, adds: adds, pass)
      } else if let inputGradient {
        passThrough(branches[number], outputGradient, to: inputGradient, adds: adds, pass.rows)
      }
    }
  }

  private func backward(
    _ chain: BoundChain, _ input: Tensor, _ outputGradient: Tensor, _ inputGradient: Tensor?, adds: Bool, _ pass: Pass
  ) throws {
    guard let inputGradient, adds, !chain.addsInputGradient else {
      return try chain.backward(
        input, outputGradient: outputGradient, inputGradient: inputGradient, adds: adds, pass)
    }
    let own = inputScratch!.rows(pass.rows)
    try chain.backward(input, outputGradient: outputGradient, inputGradient: own, pass)
    var sum = inputGradient.buffer.mutableSpan
    Arithmetic.add(own.buffer.span, to: &sum)
  }

  /// A chain may use what it is given as scratch, so only the last one gets the gradient of a sum itself.
  private func share(of number: Int, _ outputGradient: Tensor, _ rows: Int) -> Tensor {
    let branch = branches[number]
    if combination == .sum, number == branches.count - 1 { return outputGradient }
    let shape = branch.output.batched(rows)
    let share = outputScratch!.slice(0..<shape.count).reshaped(shape)
    switch combination {
    case .sum: share.copy(from: outputGradient)
    case .concatenate:
      var values = share.buffer.mutableSpan
      Columns.extract(outputGradient.buffer.span, at: branch.column, rows: rows, into: &values)
    }
    return share
  }

  private func passThrough(_ branch: Branch, _ outputGradient: Tensor, to target: Tensor, adds: Bool, _ rows: Int) {
    var result = target.buffer.mutableSpan
    switch combination {
    case .concatenate:
      Columns.extract(outputGradient.buffer.span, at: branch.column, rows: rows, into: &result, adds: adds)
    case .sum where adds: Arithmetic.add(outputGradient.buffer.span, to: &result)
    case .sum: target.copy(from: outputGradient)
    }
  }

  func updateStatistics(globalBatch: Int) {
    for branch in branches { branch.chain?.updateStatistics(globalBatch: globalBatch) }
  }
}
