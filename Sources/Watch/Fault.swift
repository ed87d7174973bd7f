import Glibc
import Synchronization

/// A fault that a check asks for by name: this rank is killed, or stopped, where it reaches a place in its work. `LOCKSTEP_FAULT` in the
/// environment says which, for instance `rank=1,update=40,place=exchange,signal=KILL`; docs/reliability.md lists the keys.
public struct Fault: Equatable, Sendable {
  /// Where a rank can be told to come to harm.
  public enum Place: String, CaseIterable, Sendable {
    /// Before MPI starts.
    case start
    /// Before a microbatch is asked for.
    case data
    /// Within the forward pass, behind a layer.
    case forward
    /// Within the backward pass, behind a layer's gradient.
    case backward
    /// A collective call has been set off that nobody has waited for yet.
    case exchange
    /// The optimiser has moved the weights, and the update is not counted yet.
    case update
    /// Before the state is put down for a checkpoint.
    case checkpoint
    /// Within a file of numbers, a checkpoint's or a saved model's, before an array.
    case file
    /// Before a batch of an evaluation.
    case evaluation
    /// All is trained and evaluated, nothing is saved.
    case saving
  }

  /// What happens to the process.
  package enum Signal: String, CaseIterable, Sendable {
    case kill = "KILL"
    case stop = "STOP"
  }

  /// The rank's number when the job began.
  package var rank: Int
  package var place: Place
  package var signal: Signal
  /// The update that is under way, or was the last; nil for any.
  package var update: Int?
  /// At which of the times that the place is reached, in that update or, for any, in the process; from 1.
  package var time: Int
  /// A file that is made just before: where it is there, nothing happens.
  package var once: String?

  package init(
    rank: Int, place: Place, signal: Signal = .kill, update: Int? = nil, time: Int = 1, once: String? = nil
  ) {
    (self.rank, self.place, self.signal) = (rank, place, signal)
    (self.update, self.time, self.once) = (update, time, once)
  }
}

// The process's own.

extension Fault {
  private static let fromEnvironment = getenv("LOCKSTEP_FAULT").map { text in
    Result { () throws(Refusal) in try Fault(String(cString: text)) }
  }
  private static let wanted = fromEnvironment.flatMap { try? $0.get() }
  private static let ownRank = Atomic<Int>(-1)
  private static let times = Atomic<Int>(0)

  /// Who this process is.
  public static func know(rank: Int) { ownRank.store(rank, ordering: .relaxed) }

  /// What is asked for, in words; nil for nothing. Throws `Refusal` where it cannot be understood.
  public static func asked() throws(Refusal) -> String? { try fromEnvironment?.get().words }

  /// This rank is there. Does nothing unless a fault is asked for.
  @inline(__always)
  public static func reach(_ place: Place) { if let fault = wanted { fault.reach(place) } }

  @inline(never)
  private func reach(_ place: Place) {
    guard place == self.place, rank == Self.ownRank.load(ordering: .relaxed),
      update == nil || update == Activity.atUpdate
    else { return }
    guard Self.times.add(1, ordering: .relaxed).newValue == time, isFirst else { return }
    pthread_kill(pthread_self(), signal == .kill ? SIGKILL : SIGSTOP)
  }

  private var isFirst: Bool {
    guard let once else { return true }
    let descriptor = open(once, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { return false }
    close(descriptor)
    return true
  }

  private var words: String {
    let (moment, number) = (update.map { " of update \($0)" } ?? "", time == 1 ? "" : ", the \(time)th time")
    return
      "LOCKSTEP_FAULT is set: rank \(rank) gets SIG\(signal.rawValue) at place '\(place.rawValue)'\(moment)\(number)"
  }
}

// As text.

extension Fault {
  /// `LOCKSTEP_FAULT` that cannot be understood.
  public struct Refusal: Error, Equatable, CustomStringConvertible {
    /// One sentence with the remedy.
    public let description: String
  }

  private enum Key: String, CaseIterable { case rank, update, place, signal, time, once }

  /// Keys and values, `rank=1,update=40,place=exchange,signal=KILL`.
  package init(_ text: String) throws(Refusal) {
    func refusal(_ problem: String) -> Refusal {
      Refusal(
        description: "LOCKSTEP_FAULT is '\(text)', and \(problem): give for instance "
          + "rank=1,update=40,place=exchange,signal=KILL, or unset it")
    }
    var values: [Key: String] = [:]
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, let key = Key(rawValue: parts[0]) else {
        throw refusal("'\(word)' is none of \(Self.list(Key.allCases.map { $0.rawValue + "=…" }))")
      }
      guard values.updateValue(parts[1], forKey: key) == nil else { throw refusal("'\(key.rawValue)' is there twice") }
    }
    func whole(_ key: Key, from least: Int) throws(Refusal) -> Int? {
      guard let value = values[key] else { return nil }
      guard let number = Int(value), number >= least else {
        throw refusal("'\(key.rawValue)=\(value)' is no number from \(least)")
      }
      return number
    }
    guard let rank = try whole(.rank, from: 0) else { throw refusal("'rank' is missing") }
    guard let place = values[.place] else { throw refusal("'place' is missing") }
    guard let place = Place(rawValue: place) else {
      throw refusal("'place=\(place)' is none of \(Self.list(Place.allCases.map(\.rawValue)))")
    }
    guard let signal = Signal(rawValue: values[.signal] ?? Signal.kill.rawValue) else {
      throw refusal("'signal=\(values[.signal]!)' is none of \(Self.list(Signal.allCases.map(\.rawValue)))")
    }
    let update = try whole(.update, from: 1)
    guard update == nil || place != .start else { throw refusal("no update is under way at 'start'") }
    guard values[.once] != "" else { throw refusal("'once' names no file") }
    self.init(
      rank: rank, place: place, signal: signal, update: update, time: try whole(.time, from: 1) ?? 1,
      once: values[.once])
  }

  private static func list(_ words: [String]) -> String { words.joined(separator: ", ") }
}
