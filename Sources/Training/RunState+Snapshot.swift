import Buffers

extension RunState {
  /// All of a run's state at one moment, in memory of its own.
  public struct Snapshot {
    /// In the order of `RunState.arrays`.
    let arrays: [Tensor]
    fileprivate let updates: Int
    /// The optimisers' own count, which may go back to an earlier run.
    var optimizers: CheckpointText.Counts
    fileprivate let account: RunAccount
  }

  /// Takes as much memory as the weights and the optimisers' state.
  public func snapshot() -> Snapshot {
    let copies = arrays.map { array in
      let copy = Tensor(array.tensor.shape)
      copy.copy(from: array.tensor)
      return copy
    }
    return Snapshot(arrays: copies, updates: updates, optimizers: optimizerUpdates, account: account)
  }

  /// Goes back to how all was, in place: whoever is bound to the weights sees them.
  ///
  /// - Parameter snapshot: of this experiment.
  public func restore(_ snapshot: Snapshot) {
    for (array, copy) in zip(arrays, snapshot.arrays) { array.tensor.copy(from: copy) }
    updates = snapshot.updates
    optimizerUpdates = snapshot.optimizers
    account = snapshot.account
    changes?.rows.insertAll()
  }

  /// Puts weights and optimisers' state aside, in place of what lay there.
  func keep(afterEpoch epoch: Int) {
    kept = nil
    kept = (epoch, snapshot())
    changes?.noteKept()
  }

  /// Goes back to weights and optimisers' state as they were put aside, if they were, with the counters and the account of now.
  func restoreKept() {
    guard let kept else { return }
    let (updates, account) = (updates, account)
    restore(kept.snapshot)
    (self.updates, self.account, self.kept) = (updates, account, nil)
    self.account.keptEpoch = kept.epoch
  }

  /// All that the state has of arrays, with names that no two of them share.
  package var arrays: [(name: String, tensor: Tensor)] {
    [("weights", weights), ("startingWeights", startingWeights)]
      + optimizer.state.map { ("optimizer.\($0.name)", $0.arena) }
      + tableStates
  }

  /// Of the weights that were put aside, as `arrays`; nil where none were.
  var keptArrays: [NamedArray]? {
    kept.map { kept in zip(arrays, kept.snapshot.arrays).map { ($0.name, $1) } }
  }

  /// Within `arrays`: what the tables' optimiser remembers, `[rows, …]` each.
  var tableStates: [NamedArray] { (tableOptimizer?.state ?? []).map { ("tables.\($0.name)", $0.arena) } }

  var optimizerUpdates: CheckpointText.Counts {
    get { .init(dense: optimizer.updates, tables: tableOptimizer?.updates) }
    set {
      optimizer.updates = newValue.dense
      if let updates = newValue.tables { tableOptimizer?.updates = updates }
    }
  }
}
