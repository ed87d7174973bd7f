import Buffers

extension RunState {
  /// All of a run's state at one moment, in memory of its own.
  public struct Snapshot {
    fileprivate let arrays: [Tensor]
    fileprivate let updates: Int
    /// The optimisers' own count, which may go back to an earlier run.
    fileprivate let optimizerUpdates: Int
    fileprivate let tableOptimizerUpdates: Int?
    fileprivate let account: RunAccount
  }

  /// Takes as much memory as the weights and the optimisers' state.
  public func snapshot() -> Snapshot {
    let copies = arrays.map { array in
      let copy = Tensor(array.shape)
      copy.copy(from: array)
      return copy
    }
    return Snapshot(
      arrays: copies, updates: updates, optimizerUpdates: optimizer.updates,
      tableOptimizerUpdates: tableOptimizer?.updates, account: account)
  }

  /// Goes back to how all was, in place: whoever is bound to the weights sees them.
  ///
  /// - Parameter snapshot: of this experiment.
  public func restore(_ snapshot: Snapshot) {
    for (array, copy) in zip(arrays, snapshot.arrays) { array.copy(from: copy) }
    updates = snapshot.updates
    optimizer.updates = snapshot.optimizerUpdates
    if let updates = snapshot.tableOptimizerUpdates { tableOptimizer?.updates = updates }
    account = snapshot.account
  }

  /// Puts weights and optimisers' state aside, in place of what lay there.
  func keep(afterEpoch epoch: Int) {
    kept = nil
    kept = (epoch, snapshot())
  }

  /// Goes back to weights and optimisers' state as they were put aside, if they were, with the counters and the account of now.
  func restoreKept() {
    guard let kept else { return }
    let (updates, account) = (updates, account)
    restore(kept.snapshot)
    (self.updates, self.account, self.kept) = (updates, account, nil)
    self.account.keptEpoch = kept.epoch
  }

  private var arrays: [Tensor] {
    [weights, startingWeights] + (optimizer.state + (tableOptimizer?.state ?? [])).map(\.arena)
  }
}
