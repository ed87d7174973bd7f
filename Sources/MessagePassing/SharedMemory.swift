import Buffers
import Glibc
import Watch

/// Memory of ranks of a host which all of these ranks see: what one has computed, another can read without a message. Nobody owns it by a
/// name, so nothing is left behind by ranks that were killed.
public final class SharedMemory {
  /// The ranks of this host.
  public let node: Communicator
  /// The ranks with this one's number on all hosts; nil where there is one host.
  public let across: Communicator?
  /// Of each rank of the host.
  public let parts: [AlignedMemory]
  /// How often this rank has waited for the others.
  private var meetings = 0
  private let segments: [SharedSegment]
  /// Nothing is sent on it: it is asked for messages, so that MPI moves on what others wait for.
  private let probe: Communicator

  private init(_ node: Communicator, across: Communicator?, _ segments: [SharedSegment]) throws {
    self.node = node
    self.across = across
    self.segments = segments
    parts = segments.map(\.memory)
    probe = try node.duplicate()
  }

  /// Collective.
  ///
  /// - Parameter byteCount: of each rank.
  /// - Returns: nil, on all ranks alike, where hosts have one rank each or not as many, or where some rank's memory cannot be seen by
  ///   another of its host (containers).
  /// - Throws: `MPIError`.
  public static func make(byteCount: Int, by communicator: Communicator) throws -> SharedMemory? {
    try make(byteCount: byteCount, by: communicator, node: communicator.splitByNode())
  }

  /// For tests: ranks of one host can play those of several.
  /// - Parameter node: this rank's host.
  package static func make(byteCount: Int, by communicator: Communicator, node: Communicator) throws -> SharedMemory? {
    let largest = try communicator.allReduce(byteCount, .maximum)
    guard try communicator.allReduce(byteCount, .minimum) == largest else { return nil }
    return try make(own: byteCount, by: communicator, node)
  }

  /// One memory for all ranks of a host, its first one's; the others' parts are empty. Else as `make`.
  public static func makeOne(byteCount: Int, by communicator: Communicator) throws -> SharedMemory? {
    let node = try communicator.splitByNode()
    return try make(own: node.rank == 0 ? byteCount : 0, by: communicator, node)
  }

  private static func make(own byteCount: Int, by communicator: Communicator, _ node: Communicator) throws
    -> SharedMemory?
  {
    let fewest = try communicator.allReduce(node.size, .minimum)
    guard fewest > 1, try fewest == communicator.allReduce(node.size, .maximum) else { return nil }
    let segments = try share(SharedSegment(byteCount: byteCount), byteCount, node)
    guard try communicator.allReduce(segments == nil ? 0 : 1, .minimum) == 1, let segments else { return nil }
    let across = node.size < communicator.size ? try communicator.split(color: node.rank, key: communicator.rank) : nil
    return try SharedMemory(node, across: across, segments)
  }

  /// Those of all ranks of the host; nil where one is missing. Collective on these.
  private static func share(_ own: SharedSegment?, _ byteCount: Int, _ node: Communicator) throws -> [SharedSegment]? {
    let address = own?.address ?? SharedSegment.Address(process: 0, descriptor: -1, secret: 0)
    let processes = try node.allGather(address.process)
    let descriptors = try node.allGather(address.descriptor)
    let secrets = try node.allGather(address.secret)
    let sizes = try node.allGather(byteCount)
    let segments = processes.indices.map { rank in
      let address = SharedSegment.Address(
        process: processes[rank], descriptor: descriptors[rank], secret: secrets[rank])
      return rank == node.rank ? own : SharedSegment(of: address, byteCount: sizes[rank])
    }
    let there = segments.compactMap { $0 }
    return there.count == segments.count ? there : nil
  }

  /// What a rank has done, counted.
  public enum Stage: Int, CaseIterable, Sendable {
    /// Handed over to the others of the host.
    case ready = 1
    /// Brought together for all of them.
    case summed
    /// At a place where all of them meet.
    case met
  }

  /// This rank has come so far: all that it wrote until now is seen by whoever sees this.
  public func reach(_ stage: Stage, _ count: Int) {
    segments[node.rank].set(stage, to: count)
    if stage == .ready { Fault.reach(.exchange) }
  }

  /// Whether all ranks of the host have come so far.
  public func haveAllReached(_ stage: Stage, _ count: Int) -> Bool {
    segments.allSatisfy { $0.value(stage) >= count }
  }

  /// Blocks until all ranks of the host have come here: all that they wrote until now is seen by all.
  public func meet() throws {
    let mark = Activity.begin("a meeting of the ranks that share a host's memory", bytes: 0)
    meetings += 1
    reach(.met, meetings)
    try wait(for: mark) { haveAllReached(.met, meetings) }
  }

  /// Notes a collective piece of work for whoever watches the job.
  public func begin(bytes: Int) -> Activity.Mark { Activity.begin("the exchange in a host's memory", bytes: bytes) }

  /// Blocks until it is so. MPI moves on meanwhile: another rank may wait for a message.
  ///
  /// - Parameter advance: does what there is to do, and says whether all is done.
  public func wait(for mark: Activity.Mark, until advance: () throws -> Bool) throws {
    if try advance() { return }
    Activity.wait(for: mark)
    Activity.beginCall()
    defer { Activity.endCall() }
    var tries = 0
    while try !advance() {
      tries += 1
      guard tries % Self.triesBetweenCalls == 0 else { continue }
      _ = probe.isAnythingThere()
      // Whoever is waited for may need this core.
      if MessagePassingLibrary.yields { usleep(50) } else { sched_yield() }
    }
  }

  private static let triesBetweenCalls = 100
}
