import Buffers
import Configuration
import Gradients
import MessagePassing
import Optimizers

/// Weights and what optimisers remember, of which a host keeps one copy that its ranks move together, each a part of it.
///
/// Nobody may read what others move meanwhile. An update begins where all gradients have come together, so that all backward passes are
/// over, and ends where all ranks of the host meet. Whoever writes otherwise does it through `byOne`.
final class SharedState {
  private let memory: SharedMemory
  /// Of arrays that have been handed out.
  private var used = 0

  private init(_ memory: SharedMemory) { self.memory = memory }

  /// Of a run for which it `isPossible`. Collective; throws `MPIError`.
  ///
  /// - Returns: nil, on all ranks alike, where the system lets ranks share no memory.
  static func make(_ experiment: Experiment, _ communicator: Communicator) throws -> SharedState? {
    let bytes = bytes(experiment.configuration, experiment.model.layout)
    return try SharedMemory.makeOne(byteCount: bytes, by: communicator).map(SharedState.init)
  }

  /// Not where ranks need their own (`RunConfiguration.needsOwnWeights`), nor where others may have to go on alone.
  static func isPossible(_ configuration: RunConfiguration, _ communicator: Communicator) -> Bool {
    configuration.sharesWeights && communicator.size > 1 && !communicator.maySurvive
  }

  /// Of all arrays, each on a cache line of its own.
  private static func bytes(_ configuration: RunConfiguration, _ layout: ParameterLayout) -> Int {
    let arrays = [layout.count] + Array(repeating: layout.denseCount, count: configuration.optimizer.stateArrays)
    let dense = arrays.reduce(0) { $0 + room(for: $1) }
    // No table's optimiser has more than two arrays.
    return dense + layout.tableStateBytes(configuration.tables.optimizer)
      + 2 * layout.tables.count * AlignedMemory.alignment
  }

  private static func room(for floats: Int) -> Int {
    let line = AlignedMemory.alignment
    return (floats * MemoryLayout<Float>.stride + line - 1) / line * line
  }

  var share: NodeShare { NodeShare(memory) }

  /// A zeroed array. The same on all ranks, in the same order.
  func tensor(_ shape: Shape) -> Tensor {
    defer { used += Self.room(for: shape.count) }
    let part = memory.parts[0]
    precondition(used + shape.count * MemoryLayout<Float>.stride <= part.byteCount, "no room for \(shape)")
    return Tensor(memory: part, offset: used / MemoryLayout<Float>.stride, shape: shape)
  }

  /// Blocks until all ranks of the host have come here: all see what each has written. Throws `MPIError`.
  func meet() throws { try memory.meet() }

  fileprivate var isFirst: Bool { memory.node.rank == 0 }

  /// Brings the first rank's floats to all hosts. Collective; throws `MPIError`.
  func broadcast(_ tensor: Tensor) throws {
    if isFirst { try memory.across?.broadcast(tensor.buffer.mutableSpan, root: 0) }
    try meet()
  }
}

extension SharedState? {
  /// Writes what is learned other than by an update: of ranks that share it one does, while the others wait. Collective on these; throws
  /// what the body throws, and `MPIError`.
  func byOne(_ body: () throws -> Void) throws {
    guard let self else { return try body() }
    try self.meet()
    if self.isFirst { try body() }
    try self.meet()
  }
}

extension RunConfiguration {
  /// Whether ranks of a host could keep one copy of weights and optimisers' state.
  var sharesWeights: Bool { execution.arenas == .shared && needsOwnWeights == nil }

  /// Why each rank needs weights of its own; nil where it does not.
  var needsOwnWeights: String? {
    if workers != nil { return "workers have" }
    if optimizer.sharpnessAware != nil { return "optimizer.sharpnessAware moves it within a step" }
    if evaluation.keep == .best { return "evaluation.keep best goes back to others" }
    if [.lars, .lamb].contains(optimizer.kind) {
      return "optimizer \(optimizer.kind.rawValue) asks for norms of whole arrays"
    }
    return nil
  }
}
