import Buffers

/// An array of a rank's file of a checkpoint, as it is to be copied out of the run's memory.
struct CheckpointPiece {
  enum Content {
    case stretch(Tensor)
    /// These rows of `[rows, …]`.
    case rows([Int32], of: Tensor)
    /// Numbers of rows.
    case numbers([Int32])
  }

  let name: String
  let content: Content

  /// Floats of its copy.
  var floats: Int {
    switch content {
    case .stretch(let tensor): tensor.count
    case .rows(let rows, let tensor): rows.count * (tensor.count / tensor.shape[0])
    case .numbers: 0
    }
  }

  /// In which the writer's memory is filled.
  enum Copy {
    case floats(Tensor)
    case numbers([Int32])

    /// As a file has it.
    var numbers: SafeTensors.Numbers {
      switch self {
      case .floats(let tensor): .floats(tensor)
      case .numbers(let rows): .bytes(RowNumbers.encoded(rows))
      }
    }
  }

  /// - Parameter offset: in `memory`, of so many `floats`.
  func copy(to memory: AlignedMemory, at offset: Int) -> Copy {
    switch content {
    case .numbers(let rows): return .numbers(rows)
    case .stretch(let tensor):
      let copy = Tensor(memory: memory, offset: offset, shape: Shape(tensor.count))
      copy.copy(from: tensor)
      return .floats(copy)
    case .rows(let rows, let tensor):
      let copy = Tensor(memory: memory, offset: offset, shape: tensor.shape.withRows(rows.count))
      let width = tensor.count / tensor.shape[0]
      for (place, row) in rows.enumerated() {
        (copy.pointer + place * width).update(from: tensor.pointer + Int(row) * width, count: width)
      }
      return .floats(copy)
    }
  }
}

extension Checkpoint {
  /// The name of the rows' numbers.
  static let rowNumbers = "rows"
  static let keptPrefix = "kept."

  /// A rank's share of what has changed since the full checkpoint.
  static func pieces(of state: RunState, _ changes: RowChanges, rank: Int, of ranks: Int) -> [CheckpointPiece] {
    func pieces(_ arrays: [RunState.NamedArray], _ rows: RowSet, _ prefix: String) -> [CheckpointPiece] {
      let (dense, byRow) = state.divided(arrays)
      let numbers = rows.members(CheckpointPart.range(rows.count, rank: rank, of: ranks))
      return shares(of: dense, prefix, rank: rank, of: ranks).map(CheckpointPiece.init)
        + [CheckpointPiece(name: prefix + rowNumbers, content: .numbers(numbers))]
        + byRow.map { CheckpointPiece(name: prefix + $0.name, content: .rows(numbers, of: $0.tensor)) }
    }
    let present = pieces(state.arrays, changes.rows, "")
    guard let kept = state.keptArrays, let rows = changes.rowsOfKept else { return present }
    return present + pieces(kept, rows, keptPrefix)
  }
}

extension CheckpointPiece {
  init(_ array: CheckpointPart.Array) { self.init(name: array.name, content: .stretch(array.tensor)) }
}
