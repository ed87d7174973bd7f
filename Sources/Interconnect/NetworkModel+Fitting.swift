import Statistics

extension NetworkModel {
  /// Fits what was measured.
  ///
  /// - Parameter reductions: what adding alone takes, to tell it from moving; none leaves all to moving.
  /// - Throws: `NetworkError` where a collective was timed at too few sizes.
  public init(facts: NetworkFacts, times: [CollectiveTime], reductions: [ReductionTime]) throws {
    let series = TimeSeries.all(in: times)
    guard !series.isEmpty else { throw NetworkError("nothing was timed: a network model needs two ranks or more") }
    let lines = try series.map { try $0.line() }
    let misses = series.map { $0.heldOutMisses() }
    let schedules = ScheduleChoice(series, lines, facts)
    let fits = series.indices.map { index in
      schedules.fit(index, reductions: reductions, heldOutError: misses[index].median)
    }
    self.init(
      facts: facts, dataSheet: nil, times: times, fits: fits, cliffs: series.flatMap(Cliff.all),
      heldOutError: misses.flatMap { $0 }.median)
  }
}

extension [Double] {
  /// nil for no values.
  package var median: Double? { isEmpty ? nil : quantile(0.5) }
}
