import Buffers
import Foundation
import Optimizers

/// The state that optimisers keep, as `optimizer.safetensors` holds it: each state's part of each dense parameter and
/// each table's states, named `dense1.weight.firstMoment`, and the number of updates, on which Adam's bias correction
/// depends.
public struct OptimizerFile {
  private static let updatesKey = "updates"

  private let optimizer: any Optimizer
  private let tableOptimizer: (any TableOptimizer)?
  private let layout: ParameterLayout

  /// - Parameters:
  ///   - tableOptimizer: nil where the model has no tables.
  ///   - layout: of the optimisers.
  public init(_ optimizer: any Optimizer, _ tableOptimizer: (any TableOptimizer)? = nil, layout: ParameterLayout) {
    self.optimizer = optimizer
    self.tableOptimizer = tableOptimizer
    self.layout = layout
  }

  /// Arrays are written as they lie in memory. Throws `FileError`.
  public func write(to file: URL) throws {
    try SafeTensors.write(arrays, metadata: metadata, to: file)
  }

  var metadata: [String: String] {
    ["format": "lockstep \(Lockstep.version) optimizer"].merging(countedMetadata) { $1 }
  }

  /// The part of the metadata that the state depends on.
  var countedMetadata: [String: String] { [Self.updatesKey: "\(optimizer.updates)"] }

  /// As `countedMetadata`, of a file's.
  static func counted(_ metadata: [String: String]) -> [String: String] { metadata.filter { $0.key == updatesKey } }

  /// Fills the optimisers' states in place and sets their number of updates.
  ///
  /// - Throws: `SafeTensors.Failure`, which names the first array that the file or the optimiser lacks, or that has
  ///   another shape. Nothing has changed then.
  public func read(_ file: URL) throws { try read(file, grown: nil) }

  /// As `read(_:)`, into larger tables: rows that are new keep the state that they have.
  func read(_ file: URL, grown: GrownTables?) throws {
    guard let updates = try SafeTensors.metadata(of: file)[Self.updatesKey].flatMap({ Int($0) }), updates >= 0 else {
      throw SafeTensors.Failure(
        description: "\(file.path): does not say how many updates led to it: not an optimiser's state; use "
          + "--fresh-optimizer")
    }
    try SafeTensors.read(
      file, into: arrays, owner: "this run's optimiser",
      remedy:
        "give the run the optimizer and tables.optimizer that the file was written with, or use --fresh-optimizer",
      grown: grown)
    optimizer.updates = updates
    tableOptimizer?.updates = updates
  }

  var arrays: [(name: String, tensor: Tensor)] {
    optimizer.state.flatMap(views) + (tableOptimizer?.state ?? []).map { ($0.name, $0.arena) }
  }

  /// The views of a dense state, as they are listed. Statistics have no state, and tables have theirs apart.
  private func views(of state: OptimizerState) -> [(name: String, tensor: Tensor)] {
    layout.listedEntries.filter { $0.parameter.role == .trained }.map { entry in
      ("\(entry.parameter.name).\(state.name)", state.arena.slice(entry.range).reshaped(entry.parameter.shape))
    }
  }
}
