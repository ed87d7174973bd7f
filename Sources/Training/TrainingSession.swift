import Configuration
import Datasets
import Foundation
import Kernels
import Measurement
import MessagePassing
import Watch

/// Needs of a rank before it can train anything: the other ranks, data, threads and the facts of the machine.
public struct TrainingSession {
  /// The ranks that train together.
  public let communicator: Communicator
  /// The training set and what the run is judged by, open.
  public let data: DatasetPair
  /// The machine's facts, for the record.
  public let machine: MachineFacts
  /// Threads of each rank.
  public let threads: Int
  /// Each host's ranks and the processors that they may run on.
  let bindings: [String]
  /// For the user, before the first step.
  public let notices: [String]
  /// Set when the session began, which is `prepared`.
  let clock: WallClock
  let prepared: Double
  /// The first of the ranks on its machine: it reads the counters that the machine has once.
  private(set) var isFirstOfMachine: Bool
  /// Where the machine's energy counters are looked for.
  package var energyCounters = EnergyMeter.usualFolder

  /// Collective: if any rank cannot open the data, all get that rank's error.
  /// - Parameter data: nil opens what the configuration names.
  /// - Parameter threads: nil divides the cores among the ranks of the communicator; a part of a job must bring the
  ///   whole job's plan.
  /// - Throws: `CollectiveError`, `MPIError`.
  public init(
    _ configuration: RunConfiguration, data: DatasetPair? = nil, threads plan: ThreadPlan? = nil,
    _ communicator: Communicator
  ) throws {
    clock = WallClock()
    prepared = clock.now()
    TimeLimit.choose(seconds: configuration.execution.timeout)
    let data = try data ?? communicator.agree { try DatasetPair.open(configuration.data) }
    Subnormals.flush()
    let threading = try plan ?? ThreadPlan(requested: configuration.execution.threads, communicator)
    // A oneDNN that takes no number of threads is an error only for those who gave one.
    let isAsked = configuration.execution.threads != nil
    try communicator.agree { do { try KernelThreads.set(threading.threads) } catch  where !isAsked {} }
    self.communicator = communicator
    self.data = data
    threads = threading.threads
    machine = try MachineFacts.read(communicator)
    isFirstOfMachine = try Self.isFirstOfMachine(communicator)
    let ranks = try RankSurroundings.all(communicator)
    bindings = RankSurroundings.bindings(ranks)
    notices =
      [
        data.usedFallback
          ? "\(configuration.data.path) is not there: training on the fallback \(data.path) (\(data.training.count) samples)"
          : nil,
        try Self.firstWarning(threading.warning, communicator),
      ].compactMap { $0 } + data.notices + (ranks.count > 1 ? StartNotes(ranks).notes : [])
  }

  /// The same, of those who are left of its ranks. What the job was started on stays what it is paid for. Collective.
  func ofSurvivors() throws -> TrainingSession {
    var next = self
    next.isFirstOfMachine = try Self.isFirstOfMachine(communicator)
    return next
  }

  /// Hosts that share a kernel are one machine; where a kernel has no name of its own, each host is one. Collective.
  private static func isFirstOfMachine(_ communicator: Communicator) throws -> Bool {
    let boot = SystemFile.boot
    let machines = try communicator.allGather(boot.isEmpty ? ProcessInfo.processInfo.hostName : boot)
    return machines.firstIndex(of: machines[communicator.rank]) == communicator.rank
  }

  /// The lowest rank's warning, on every rank.
  private static func firstWarning(_ warning: String?, _ communicator: Communicator) throws -> String? {
    try communicator.allGather(warning ?? "").first { !$0.isEmpty }
  }
}
