import Statistics

extension NetworkModel {
  /// Fits what was measured. A collective that a group was timed at too few sizes of keeps its times, and gets no fit.
  ///
  /// - Parameter reductions: what adding alone takes, to tell it from moving; none leaves all to moving.
  /// - Throws: `NetworkError` where all were timed at too few sizes.
  public init(facts: NetworkFacts, times: [CollectiveTime], reductions: [ReductionTime]) throws {
    let all = TimeSeries.all(in: times)
    let series = all.filter { $0.times.count >= TimeSeries.leastSizes }
    guard !series.isEmpty else {
      if let short = all.first { _ = try short.line() }
      throw NetworkError("nothing was timed: a network model needs two ranks or more")
    }
    let lines = try series.map { try $0.line() }
    let misses = series.map { $0.heldOutMisses() }
    let schedules = ScheduleChoice(series, lines, facts)
    let sorted = reductions.sorted { $0.bytes < $1.bytes }
    let reduction = PiecewiseFit(x: sorted.map { Double($0.bytes) }, y: sorted.map(\.seconds))
    let fits = series.indices.map { index in
      schedules.fit(index, reduction: reduction, heldOutError: misses[index].median)
    }
    self.init(
      facts: facts, dataSheet: nil, times: times, fits: fits, cliffs: series.flatMap(Cliff.all),
      heldOutError: misses.flatMap { $0 }.median)
  }
}
