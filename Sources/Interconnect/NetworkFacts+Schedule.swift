extension NetworkFacts {
  /// The schedule that a setting of Open MPI asks for; nil where it is left to the library.
  package func schedule(of collective: Collective) -> Schedule? {
    guard collective == .allReduce else { return nil }
    let prefix = "OMPI_MCA_coll_libnbc_iallreduce_algorithm="
    switch settings.first(where: { $0.hasPrefix(prefix) })?.dropFirst(prefix.count) {
    case "1", "ring": return .ring
    case "2", "binomial": return .tree
    case "3", "rabenseifner": return .halving
    case "4", "recursive_doubling": return .doubling
    default: return nil
    }
  }
}
