extension NetworkModel {
  /// From costs that somebody fitted to other measurements than calls.
  public init(fits: [CollectiveFit]) {
    self.init(facts: nil, dataSheet: nil, times: [], fits: fits, cliffs: [], heldOutError: nil)
  }
}
