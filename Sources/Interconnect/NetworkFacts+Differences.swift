extension NetworkFacts {
  /// The first host of another job that the measured one did not have, in words; nil where it had all. Ranks may differ: a
  /// model tells other numbers of them.
  public func difference(hosts: [String]) -> String? {
    let measured = self.hosts.map(\.name)
    return hosts.first { !measured.contains($0) }.map {
      "it was measured on \(measured.joined(separator: ", ")), not on \($0)"
    }
  }
}
