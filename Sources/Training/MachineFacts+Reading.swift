import Foundation
import Kernels
import Measurement
import MessagePassing

extension MachineFacts {
  /// The machines that this job runs on. Collective. Throws `MPIError`.
  public static func read(_ communicator: Communicator) throws -> MachineFacts {
    let hosts = try communicator.allGather(ProcessInfo.processInfo.hostName)
    let boots = Set(try communicator.allGather(SystemFile.boot))
    var facts = MachineFacts(
      processor: SystemFile.field("model name", of: "/proc/cpuinfo") ?? "unknown processor",
      nodes: Array(Set(hosts)).sorted(),
      coresPerNode: ProcessInfo.processInfo.processorCount,
      memoryBytesPerNode: Int(ProcessInfo.processInfo.physicalMemory),
      system: SystemFile.field("PRETTY_NAME", of: "/etc/os-release")?.trimmingCharacters(in: ["\""]) ?? "Linux",
      mpi: MessagePassingLibrary.version, oneDNN: oneDNNVersion, lockstep: Lockstep.version)
    facts.kernel = SystemFile.line("/proc/sys/kernel/osrelease")
    facts.governor = SystemFile.line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
    facts.instructions = oneDNNInstructions
    facts.transports = MessagePassingLibrary.transports
    facts.build = SystemFile.build
    facts.environment = steering(ProcessInfo.processInfo.environment)
    // Not everywhere does the system tell.
    if boots.count < facts.nodes.count, !boots.contains("") { facts.machines = boots.count }
    return facts
  }
}

extension MachineFacts {
  /// What changes how a job computes and communicates; not what launchers tell their own processes, which differs from job to job.
  package static func steering(_ environment: [String: String]) -> [String]? {
    let prefixes = [
      "OMPI_MCA_btl", "OMPI_MCA_pml", "OMPI_MCA_mtl", "OMPI_MCA_coll", "OMPI_MCA_osc", "OMPI_MCA_mpi_", "UCX_", "FI_",
      "MPICH_",
      "MPIR_CVAR_", "I_MPI_", "OMP_", "DNNL_", "ONEDNN_", "LD_PRELOAD",
    ]
    let own = environment.filter { name, _ in prefixes.contains { name.hasPrefix($0) } }
    return own.isEmpty ? nil : own.map { "\($0)=\($1)" }.sorted()
  }
}

extension SystemFile {
  /// What launch/build wrote beside this program; nil where that is older than the program: somebody else built that.
  static var build: String? {
    guard let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") else { return nil }
    func changed(_ path: String) -> Date? {
      (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
    }
    guard let ours = changed(program), let theirs = changed("\(program).made"), theirs >= ours else { return nil }
    return line("\(program).made")
  }

  /// The first line; nil where there is none.
  static func line(_ path: String) -> String? {
    text(path)?.split(separator: "\n").first.map { $0.trimmingCharacters(in: .whitespaces) }
  }

  /// The first `name: value` or `name=value`.
  static func field(_ name: String, of path: String) -> String? {
    guard let text = text(path) else { return nil }
    for line in text.split(separator: "\n") where line.hasPrefix(name) {
      guard let mark = line.firstIndex(where: { $0 == ":" || $0 == "=" }) else { continue }
      return line[line.index(after: mark)...].trimmingCharacters(in: .whitespaces)
    }
    return nil
  }
}

/// The program's own facts.
public enum Lockstep {
  /// The version that records and saved models name.
  public static let version = "0.1.0"
}
