import Buffers
import Kernels

/// Chains of layers beside each other, all from the same input, whose outputs are added or put side by side. A chain
/// without layers gives the input as it is, so `["skip": [], "deep": […]]` with `.sum` is a residual block.
///
/// Parameters: those of the chains' layers, `branches1.deep.dense1.weight`.
public struct Branches: Layer {
  public enum Combination: Sendable {
    /// All outputs have one shape.
    case sum
    /// Flat outputs, in the order of the branches.
    case concatenate
  }

  /// In order.
  public let branches: [(name: String, layers: [any Layer])]
  public let combination: Combination

  public init(_ branches: KeyValuePairs<String, [any Layer]>, combine combination: Combination) {
    self.branches = branches.map { ($0.key, $0.value) }
    self.combination = combination
  }

  public var kind: String { "branches" }

  public func outputShape(for input: Shape) throws -> Shape {
    guard branches.count > 0 else { throw LayerError("there are no branches") }
    guard Set(branches.map(\.name)).count == branches.count else { throw LayerError("two branches have the same name") }
    let outputs = try chains(input).map(\.output)
    switch combination {
    case .sum:
      guard outputs.allSatisfy({ $0 == outputs[0] }) else {
        throw LayerError("branches that give \(Self.list(outputs)) cannot be added: they must give the same shape")
      }
      return outputs[0]
    case .concatenate:
      guard outputs.allSatisfy({ $0.rank == 1 }) else {
        throw LayerError("branches that give \(Self.list(outputs)) cannot be put side by side: they must be flat")
      }
      return Shape(outputs.reduce(0) { $0 + $1.count })
    }
  }

  public func parameters(named name: String, for input: Shape) -> [Parameter] {
    zip(branches, checkedChains(input)).flatMap { branch, chain in
      chain.parameters(prefix: "\(name).\(branch.name).").joined()
    }
  }

  public func workingBytes(_ extent: LayerExtent) -> Double {
    let chains = checkedChains(extent.input)
    let own = chains.filter { !$0.layers.isEmpty }.reduce(0) {
      $0
        + $1.workingBytes(
          rows: extent.maximumRows, needsInputGradient: extent.needsInputGradient, goesBackward: extent.goesBackward)
    }
    guard extent.goesBackward else { return own }
    let input = extent.needsInputGradient && chains.count > 1 ? extent.bytes(perRow: extent.input.count) : 0
    return own + extent.bytes(perRow: chains.map(\.output.count).max() ?? 0) + input
  }

  public func bind(_ binding: LayerBinding) throws -> any BoundLayer { try BoundBranches(self, binding) }

  public func summary(named name: String, input: Shape, output: Shape) -> [String] {
    let how = combination == .sum ? "sum" : "concatenation"
    return ["\(name) → \(output), \(how) of"]
      + zip(branches, checkedChains(input)).flatMap { branch, chain in
        let lines = chain.summary(prefix: "\(branch.name).")
        return (lines.isEmpty ? ["\(branch.name) → \(chain.output)"] : lines).map { "  \($0)" }
      }
  }

  private func chains(_ input: Shape) throws -> [Chain] {
    try branches.map { branch in try LayerError.naming(branch.name) { try Chain(branch.layers, input: input) } }
  }

  /// For an input that `outputShape` has accepted.
  func checkedChains(_ input: Shape) -> [Chain] {
    do { return try chains(input) } catch { preconditionFailure("branches on \(input): \(error)") }
  }

  private static func list(_ shapes: [Shape]) -> String { shapes.map(\.description).joined(separator: ", ") }
}
