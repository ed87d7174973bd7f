internal import CMPI

extension MessagePassingLibrary {
  /// What carries this job's messages: `ob1 over self, tcp, vader` of Open MPI, whose components have control variables while they
  /// are loaded, `ch4:ofi` of MPICH, whose build decides. nil where the library does not tell. Only while MPI runs: looked at
  /// once, since a job keeps what it was started with.
  public static let transports: String? = device(of: fullVersion) ?? components(of: variables)

  /// `MPICH Device:    ch4:ofi`.
  package static func device(of version: String) -> String? {
    let line = version.split(separator: "\n").first { $0.contains("Device:") }
    return line?.split(separator: ":", maxSplits: 1).last.map { $0.filter { $0 != " " && $0 != "\t" } }
  }

  /// - Parameter variables: `btl_vader_priority`, `pml_ob1_verbose`. Below other layers than `ob1` these transports idle.
  package static func components(of variables: [String]) -> String? {
    func loaded(_ framework: String) -> [String] {
      let parts = variables.map { $0.split(separator: "_") }.filter {
        $0.count > 2 && $0[0] == framework && $0[1] != "base"
      }
      return Set(parts.map { String($0[1]) }).sorted()
    }
    let (layers, transports) = (loaded("pml"), loaded("btl"))
    guard !layers.isEmpty else { return nil }
    let layer = layers.joined(separator: ", ")
    return layers == ["ob1"] && !transports.isEmpty ? "\(layer) over \(transports.joined(separator: ", "))" : layer
  }

  private static var variables: [String] {
    var (provided, count) = (Int32(0), Int32(0))
    // Open MPI 4 takes what is asked for here for the whole library's level: asked for less, it would go on without locks.
    guard MPI_T_init_thread(threadLevel.code, &provided) == lockstep_mpi_success() else { return [] }
    defer { MPI_T_finalize() }
    guard MPI_T_cvar_get_num(&count) == lockstep_mpi_success() else { return [] }
    return (0..<count).compactMap(name)
  }

  private static func name(_ index: Int32) -> String? {
    let room = 256
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: room) { text in
      var length = Int32(room)
      guard lockstep_mpi_variable_name(index, text.baseAddress!, &length) != 0 else { return nil }
      return String(cString: text.baseAddress!)
    }
  }
}
