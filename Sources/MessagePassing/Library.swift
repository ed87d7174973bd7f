internal import CMPI
import Glibc

/// Facts about the MPI library and the machine, for records.
public enum MessagePassingLibrary {
  /// Short, for instance `Open MPI 4.1.4`. May be asked for before MPI starts: MPI 3.1 §8.1.1.
  public static var version: String {
    shortened(fullVersion)
  }

  /// As the library says it, some of them over many lines.
  static var fullVersion: String {
    string(of: lockstep_mpi_max_library_version_string()) { MPI_Get_library_version($0, $1) } ?? "MPI"
  }

  /// The threads that may call MPI: MPI 3.1 §12.4.3. Only while MPI runs.
  public static var threadLevel: ThreadLevel {
    var level = ThreadLevel.single.code
    return MPI_Query_thread(&level) == lockstep_mpi_success() ? ThreadLevel(code: level) : .single
  }

  /// This node's name, as MPI knows it: MPI 3.1 §8.1.2. Only while MPI runs.
  public static var processorName: String {
    string(of: lockstep_mpi_max_processor_name()) { MPI_Get_processor_name($0, $1) } ?? "unknown"
  }

  /// Whether ranks that wait let others go first: whoever started the job says so. mpirun passes its own `--mca` on in this form
  /// too, and whether it knows that there are more ranks than cores.
  public static let yields: Bool = {
    let names: [String] = ["OMPI_MCA_mpi_yield_when_idle", "OMPI_MCA_mpi_oversubscribe"]
    return names.contains { name in
      getenv(name).map { !["0", "false", "no"].contains(String(cString: $0)) } ?? false
    }
  }()

  /// From `Open MPI v4.1.4, package: …` or `MPICH Version:      4.0.2\n…` to name and number.
  package static func shortened(_ version: String) -> String {
    let line = version.prefix { $0 != "," && $0 != "\n" }
    let words = line.split { " \t".contains($0) }.filter { $0 != "Version:" }
    return words.map { $0.first == "v" && $0.dropFirst().first?.isNumber == true ? $0.dropFirst() : $0 }
      .joined(separator: " ")
  }
}
