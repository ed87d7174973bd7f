extension NetworkFacts {
  /// The first thing in which another job differs from the one that was measured, in words; nil where nothing does. Ranks
  /// may differ: a model tells other numbers of them.
  ///
  /// - Parameters:
  ///   - hosts: of the job; nil for any.
  ///   - settings: in force in the job, as `settings`; nil for any.
  public func difference(hosts: [String]? = nil, mpi: String? = nil, settings: [String]? = nil) -> String? {
    let measured = self.hosts.map(\.name)
    if let other = hosts?.first(where: { !measured.contains($0) }) {
      return "it was measured on \(measured.joined(separator: ", ")), not on \(other)"
    }
    if let mpi, mpi != self.mpi { return "it was measured with \(self.mpi), not with \(mpi)" }
    guard let settings else { return nil }
    if let more = self.settings.first(where: { !settings.contains($0) }) { return "it was measured with \(more)" }
    return settings.first { !self.settings.contains($0) }.map { "it was measured without \($0)" }
  }
}

extension NetworkModel {
  /// Refuses a job that the model was not measured on. A data sheet is of any.
  ///
  /// - Parameters:
  ///   - file: the model's, for the error.
  ///   - hosts: of the job; nil for any.
  ///   - settings: in force in the job; nil for any.
  /// - Throws: `NetworkError`, which names the difference.
  public func requireMeasured(
    in file: String, hosts: [String]? = nil, mpi: String? = nil, settings: [String]? = nil
  ) throws {
    guard let difference = facts?.difference(hosts: hosts, mpi: mpi, settings: settings) else { return }
    throw NetworkError("\(file) is of another cluster: \(difference); measure this one with lockstep network")
  }
}
