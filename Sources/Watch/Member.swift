/// A rank of the job, as the others' watchdogs reach it.
public struct Member: Equatable, Sendable {
  /// Where it runs, and how it is reached from elsewhere.
  public var place: HostPlace
  /// The port that its watchdog listens on; 0 where it has none.
  public var port: UInt16

  /// A member whose watchdog listens on `port`.
  public init(place: HostPlace, port: UInt16) {
    self.place = place
    self.port = port
  }
}
