import Buffers
import Foundation
import Optimizers

/// What optimisers remember, as `optimizer.safetensors` holds it: each state's part of each parameter, named
/// `firstMoment/dense1.weight`, and the number of updates, on which Adam's bias correction depends.
public enum OptimizerFile {
  private static let updatesKey = "updates"

  /// - Parameters:
  ///   - states: of the dense weights and of the tables.
  ///   - updates: that led to them.
  public static func write(_ states: [OptimizerState], layout: ParameterLayout, updates: Int, to file: URL) throws {
    try SafeTensors.write(
      named(states, layout),
      metadata: ["format": "lockstep \(Lockstep.version) optimizer", updatesKey: "\(updates)"], to: file)
  }

  /// Fills `states` in place and returns the number of updates.
  ///
  /// - Throws: `SafeTensors.Failure`, which names the first array that the file or the optimiser lacks, or that has
  ///   another shape.
  public static func read(_ file: URL, into states: [OptimizerState], layout: ParameterLayout) throws -> Int {
    guard let updates = try SafeTensors.metadata(of: file)[updatesKey].flatMap({ Int($0) }), updates >= 0 else {
      throw SafeTensors.Failure(
        description: "\(file.path): does not say how many updates led to it: not an optimiser's state; use "
          + "--fresh-optimizer")
    }
    try SafeTensors.read(
      file, into: named(states, layout), owner: "this run's optimiser",
      remedy: "set the optimizer of the run that wrote it, or use --fresh-optimizer")
    return updates
  }

  /// The views of each state, in forward order. Statistics have no state.
  static func named(_ states: [OptimizerState], _ layout: ParameterLayout) -> [(name: String, tensor: Tensor)] {
    states.flatMap { state in views(of: state, layout).map { ("\(state.name)/\($0.name)", $0.tensor) } }
  }

  private static func views(of state: OptimizerState, _ layout: ParameterLayout) -> [(name: String, tensor: Tensor)] {
    layout.forwardEntries.filter { $0.parameter.role == .trained }.map { entry in
      (entry.parameter.name, state.arena.slice(entry.range).reshaped(entry.parameter.shape))
    }
  }
}
