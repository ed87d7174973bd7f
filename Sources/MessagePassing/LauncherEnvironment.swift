import Glibc

/// The launcher's variables about this process: a hint, known before MPI starts, whether there may be other ranks
/// and which of them speaks first. Never the truth: variables outlive what set them, and reach processes
/// that are alone. Once MPI runs, ask the `Communicator`.
public struct LauncherEnvironment: Equatable, Sendable {
  /// The launcher and the variable that gave the size, for people; nil outside any launcher.
  public let launcher: String?
  /// Sizes that the world should have, each with the variable that says so: the launcher's, and that of a Slurm
  /// allocation in which something else than srun starts the ranks.
  let promises: [Promise]
  /// Among all that were started, from 0.
  public let rank: Int
  /// How many were started.
  public let size: Int
  /// How many of them run on this node; all of them where the launcher does not say.
  public let localSize: Int
  /// Whether all that were started are surely on this host: every rank has the same answer.
  package let staysOnHost: Bool

  /// As this process' environment has it.
  public static var current: LauncherEnvironment { .init { name in getenv(name).map { String(cString: $0) } } }

  /// - Parameter value: an environment variable's value.
  public init(_ value: (String) -> String?) {
    func number(_ name: String) -> Int? { value(name).flatMap { Int($0) } }
    let found =
      Self.openMPI(number) ?? Self.hydra(number) ?? Self.slurm(number, value) ?? Self.pmix(number)
      ?? Found(rank: 0, size: 1)
    launcher = found.launcher
    promises = [found.promise, Self.allocation(number, value)].compactMap { $0 }
    rank = found.rank
    size = found.size
    localSize = found.localSize ?? found.size
    staysOnHost = found.by == nil || found.isExact && found.localSize == found.size
  }

  /// For a process that may be one of several that are all about to say the same. Those that are not the first wait a
  /// second, in which a launcher ends them because the first one has failed; whoever is still there then speaks too.
  public func letFirstSpeak() {
    if rank != 0 { sleep(1) }
  }

  /// What a variable says of the world's size that is not so; nil where all agree.
  package func disagreement(withWorldOf size: Int) -> (variable: String, size: Int)? {
    promises.first { $0.size != size }.map { ($0.variable, $0.size) }
  }

  struct Promise: Equatable {
    var variable: String
    var size: Int
  }

  private struct Found {
    /// For people, before the variable's name.
    var by: String?
    /// That gave the size.
    var variable = ""
    var rank: Int
    var size: Int
    var localSize: Int?
    /// False where the size is only the least that there can be.
    var isExact = true

    var launcher: String? { by.map { "\($0) (\(variable))" } }
    var promise: Promise? { by != nil && isExact ? Promise(variable: variable, size: size) : nil }
  }

  private static func openMPI(_ number: (String) -> Int?) -> Found? {
    guard let rank = number("OMPI_COMM_WORLD_RANK"), let size = number("OMPI_COMM_WORLD_SIZE") else { return nil }
    return Found(
      by: "Open MPI's mpirun", variable: "OMPI_COMM_WORLD_SIZE", rank: rank, size: size,
      localSize: number("OMPI_COMM_WORLD_LOCAL_SIZE"))
  }

  /// MPICH, Intel MPI and others that start ranks through PMI.
  private static func hydra(_ number: (String) -> Int?) -> Found? {
    guard let rank = number("PMI_RANK"), let size = number("PMI_SIZE") else { return nil }
    return Found(
      by: "a PMI launcher such as MPICH's mpiexec", variable: "PMI_SIZE", rank: rank, size: size,
      localSize: number("MPI_LOCALNRANKS"))
  }

  private static func slurm(_ number: (String) -> Int?, _ value: (String) -> String?) -> Found? {
    // The script of a batch job has SLURM_PROCID and SLURM_NTASKS too, but is alone: only srun starts ranks.
    let isBatchScript = value("ENVIRONMENT") == "BATCH"
    let names = ["SLURM_STEP_NUM_TASKS"] + (isBatchScript ? [] : ["SLURM_NTASKS"])
    guard let rank = number("SLURM_PROCID"), let name = names.first(where: { number($0) != nil }),
      let size = number(name)
    else { return nil }
    let node = number("SLURM_NODEID") ?? 0
    let perNode = tasksPerNode(value("SLURM_STEP_TASKS_PER_NODE") ?? value("SLURM_TASKS_PER_NODE") ?? "")
    return Found(
      by: "Slurm's srun", variable: name, rank: rank, size: size,
      localSize: perNode.indices.contains(node) ? perNode[node] : nil)
  }

  /// Slurm's `2(x3),1` is `2, 2, 2, 1`.
  private static func tasksPerNode(_ text: String) -> [Int] {
    text.split(separator: ",").flatMap { item -> [Int] in
      let parts = item.split { "(x)".contains($0) }.compactMap { Int($0) }
      guard let tasks = parts.first else { return [] }
      return Array(repeating: tasks, count: max(0, min(parts.dropFirst().first ?? 1, 1_000_000)))
    }
  }

  /// PMIx alone gives no size: a rank above 0 proves that there is another.
  private static func pmix(_ number: (String) -> Int?) -> Found? {
    number("PMIX_RANK").map {
      Found(by: "a PMIx launcher", variable: "PMIX_RANK", rank: $0, size: $0 + 1, isExact: false)
    }
  }

  /// In the script of a batch job, and in what is started from it without srun, SLURM_NTASKS is how many ranks the job is
  /// for: a step of srun has a number and a count of its own, which may be that of mpirun's daemons.
  private static func allocation(_ number: (String) -> Int?, _ value: (String) -> String?) -> Promise? {
    guard value("ENVIRONMENT") == "BATCH", number("SLURM_STEP_ID") == nil else { return nil }
    return number("SLURM_NTASKS").map { Promise(variable: "SLURM_NTASKS", size: $0) }
  }
}
