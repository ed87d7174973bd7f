internal import CMPI
import Glibc
import Watch

/// The end of a job whose ranks do not reach each other. Where MPI's messages do not pass, its launcher's often do: ranks say
/// there where they are, and look there for others (MPI 3.1 §10.4.4). Where it knows no names, hosts stay unnamed.
struct NoContact {
  /// Others wait about as long as this rank did, and not to the moment.
  private static let secondsToPublish: Double = 5
  /// After which a rank that waits for another one to speak believes that there is none.
  private static let secondsToBeEnded: UInt32 = 20
  /// Of many, the first few are named.
  private static let mostNamed = 4

  private let world: Communicator
  private let card: RankCard
  private let end = JobEnd { abortAllRanks() }

  init(_ world: Communicator, _ card: RankCard) {
    self.world = world
    self.card = card
  }

  /// For others to find.
  func publish() {
    _ = Self.name(of: world.rank).withCString { name in
      "\(card.member.place)".withCString { MPI_Publish_name(name, lockstep_mpi_info_null(), $0) }
    }
  }

  /// The first rank speaks: of all that it misses.
  func endJob(missing: [Int]) -> Never {
    let named = missing.prefix(Self.mostNamed).map { (rank: $0, place: lookUp($0)) }
    let words = named.map { rank, place in "rank \(rank)" + (place.map { " on \($0)" } ?? "") }.joined(separator: ", ")
    let rest = missing.count > named.count ? " and \(missing.count - named.count) more" : ""
    speak("rank 0 on \(card.member.place) and \(words)\(rest)")
  }

  func endJob(between one: (rank: Int, place: HostPlace), and other: (rank: Int, place: HostPlace)) -> Never {
    speak("rank \(one.rank) on \(one.place) and rank \(other.rank) on \(other.place)")
  }

  /// For the first rank to speak, or whoever is the lowest one there.
  func wait() -> Never {
    sleep(Self.secondsToBeEnded + UInt32(min(world.rank, 20)))
    speak("rank 0 and rank \(world.rank) on \(card.member.place)")
  }

  private func speak(_ pair: String) -> Never {
    end.speak(
      "\(pair) got no messages from each other within \(Int(RollCall.seconds)) s of the start: MPI took a network that does not "
        + "join them, a firewall is between, or a process is stopped; name the network that all hosts share "
        + "(LOCKSTEP_SUBNET=10.0.0.0/24 with launch/hosts, OMPI_MCA_btl_tcp_if_include with mpirun)")
  }

  private func lookUp(_ rank: Int) -> String? {
    let deadline = Deadline(seconds: Self.secondsToPublish)
    repeat {
      let name = Self.name(of: rank)
      var port = [CChar](repeating: 0, count: Int(lockstep_mpi_max_port_name()) + 1)
      if name.withCString({ MPI_Lookup_name($0, lockstep_mpi_info_null(), &port) }) == lockstep_mpi_success() {
        return String(decoding: port.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      }
      usleep(500_000)
    } while !deadline.isPassed
    return nil
  }

  private static func name(of rank: Int) -> String { "lockstep rank \(rank)" }
}
