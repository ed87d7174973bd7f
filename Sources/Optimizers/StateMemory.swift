import Buffers

/// Where the arrays lie that an optimiser keeps.
public struct StateMemory {
  /// A zeroed array.
  let tensor: (Shape) -> Tensor

  /// The rank's own memory.
  public static var own: StateMemory { StateMemory { Tensor($0) } }

  /// - Parameter tensor: makes a zeroed array.
  public init(_ tensor: @escaping (Shape) -> Tensor) { self.tensor = tensor }
}
