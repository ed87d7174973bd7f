internal import CMPI
import Glibc
import Watch

/// Starts MPI, runs `body` with the communicator of all ranks, and ends MPI: MPI 3.1 §8.7, §12.4.3. Outside any
/// launcher there is one rank.
///
/// An error that leaves `body`:
/// - A `CollectiveError` of all ranks ends MPI normally and is thrown on; print it where `isReporter` holds.
/// - Any other error is this rank's alone, while others may wait for it: it is printed with its rank, and `MPI_Abort`
///   ends the whole job. With one rank there are no others, so it is thrown on.
///
/// A rank that stops answering, at the start or later, ends the job with an error that names it: see `Watchdog`.
///
/// Throws `StartError` where MPI cannot be started as asked. No communicator, request or lease may outlive the scope.
///
/// - Parameters:
///   - threads: the least that `body` needs. The most is asked for: see `ProgressThread`.
///   - started: called when MPI runs, before this rank waits for any other.
public func withMessagePassing<Result>(
  threads: ThreadLevel = .funneled, started: (_ rank: Int) -> Void = { _ in },
  _ body: (Communicator) throws -> Result
) throws -> Result {
  let world = try start(threads)
  Fault.know(rank: world.rank)
  started(world.rank)
  world.isOfJob = true
  let watch = Watch()
  let outcome = Swift.Result {
    watch.dog = try meetOthers(world)
    try world.agree { try checkSize(world) }
    try sayFault(world)
    world.afterLoss = { [unowned world] in
      watch.dog?.stop()
      watch.dog = nil
      watch.dog = try meetOthers(world)
    }
    return try body(world)
  }
  if case .failure(let error) = outcome, world.size > 1 { abortUnlessShared(error, world) }
  try end(world)
  watch.dog?.stop()
  return try outcome.get()
}

private final class Watch {
  var dog: Watchdog?
}

/// Open MPI 5's `MPI_Finalize` waits for ranks that are lost (its issues 11404 and 13915): those who are left come together once
/// more, and their processes end without it.
private func end(_ world: Communicator) throws {
  guard !world.hasLost else { return _ = world.settle(isDone: true) }
  try checkCode(MPI_Finalize(), "MPI_Finalize", rank: world.rank)
}

/// From here on every rank knows where the others are, and that they answer.
private func meetOthers(_ world: Communicator) throws -> Watchdog? {
  guard world.size > 1 else { return nil }
  let post = WatchPost()
  let roll = try RollCall(world, port: post.port).hold()
  return post.watch(roll.cards.map(\.member), rank: world.rank, job: roll.job, JobEnd { abortAllRanks() })
}

func abortAllRanks() { _ = MPI_Abort(lockstep_mpi_comm_world().handle, 1) }

private func start(_ threads: ThreadLevel) throws -> Communicator {
  var started: Int32 = 0
  try checkCode(MPI_Initialized(&started), "MPI_Initialized", rank: nil)
  guard started == 0 else { throw StartError.startedBefore }
  startNoDaemon()
  lookForNoNetwork()
  lookAtSharedMemory()
  // The launcher's word is all that there is before MPI runs.
  Fault.know(rank: LauncherEnvironment.current.rank)
  Fault.reach(.start)
  var provided: Int32 = 0
  let watch = StartWatch.ofThisJob()
  try checkCode(MPI_Init_thread(nil, nil, ThreadLevel.multiple.code, &provided), "MPI_Init_thread", rank: nil)
  watch?.stop()
  let world = try Communicator(lockstep_mpi_comm_world(), isOwned: false)
  guard let error = startError(wanted: threads, provided: ThreadLevel(code: provided), world) else { return world }
  try checkCode(MPI_Finalize(), "MPI_Finalize", rank: world.rank)
  LauncherEnvironment.current.letFirstSpeak()
  throw error
}

/// Open MPI starts a daemon beside a process without a launcher, for processes that it might spawn. It costs a second and
/// memory, and has been seen to grow without bound. Whoever sets the variable has their way; under a launcher, and in
/// other MPI libraries, it means nothing.
private func startNoDaemon() { setenv("OMPI_MCA_ess_singleton_isolated", "1", 0) }

/// Open MPI asks every kind of network card that it knows, though ranks of one host talk through its memory: half of the 0.4 s
/// that a small run took. Whoever sets the variable has their way.
private func lookForNoNetwork() {
  if LauncherEnvironment.current.staysOnHost { setenv("OMPI_MCA_pml", "ob1", 0) }
}

/// Before MPI fails for it. Hosts of a job are alike: the first rank speaks for all.
private func lookAtSharedMemory() {
  let launcher = LauncherEnvironment.current
  guard launcher.rank == 0, launcher.localSize > 1, MessagePassingLibrary.version.hasPrefix("Open MPI") else { return }
  if let warning = SharedMemoryRoom.current(ranks: launcher.localSize)?.warning {
    printToStandardError("note: \(warning)")
  }
}

private func startError(wanted: ThreadLevel, provided: ThreadLevel, _ world: Communicator) -> StartError? {
  let library = MessagePassingLibrary.version
  guard provided >= wanted else { return .threadLevel(wanted: wanted, provided: provided, library: library) }
  let environment = LauncherEnvironment.current
  guard world.size == 1, environment.size > 1 else { return nil }
  return .wrongLauncher(
    launcher: environment.launcher ?? "a launcher", rank: environment.rank, size: environment.size, library: library)
}

/// Ranks that a launcher lost, or never started, show in nothing but the size.
private func checkSize(_ world: Communicator) throws {
  guard let other = LauncherEnvironment.current.disagreement(withWorldOf: world.size) else { return }
  throw StartError.otherSize(variable: other.variable, stated: other.size, world: world.size)
}

/// Nobody is to come to harm by a variable that was forgotten, and does not know it. Collective.
private func sayFault(_ world: Communicator) throws {
  let words = try world.agree { try Fault.asked() }
  if let words, world.rank == 0 { printToStandardError("note: \(words)") }
}

private func abortUnlessShared(_ error: any Error, _ world: Communicator) {
  guard let shared = error as? CollectiveError else { world.abort(error) }
  if shared.ranks == world.size { return }
  // Shared by some ranks only: one of them prints and ends the job, the others give it the time.
  if !shared.isReporter { sleep(2) }
  world.abort(error)
}

extension StartWatch {
  /// Nil where the launcher knows of nobody else.
  fileprivate static func ofThisJob() -> StartWatch? {
    let launcher = LauncherEnvironment.current
    guard launcher.size > 1 else { return nil }
    let name = getenv("PMIX_NAMESPACE").map { String(cString: $0) }
    return StartWatch(Job(name: name, rank: launcher.rank, size: launcher.size, localSize: launcher.localSize))
  }
}

func isFinalized() -> Bool {
  var finalized: Int32 = 0
  return MPI_Finalized(&finalized) == lockstep_mpi_success() && finalized != 0
}

/// In one write, so that lines of several ranks do not mix.
func printToStandardError(_ line: String) {
  var text = line + "\n"
  text.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
}
