import Interconnect
import Reports

/// Shows a measurement as it goes: a line for each size that was timed, and on a terminal what is being timed now.
struct NetworkDisplay {
  let style: ProgressDisplay.Style
  /// Of a host's link, each way; nil where nobody said.
  let bytesPerSecond: Double?

  func show(_ event: NetworkMeasurement.Event) {
    switch event {
    case .timing(let collective, let ranks, let nodes, let bytes):
      guard style == .terminal else { return }
      Console.overwrite("timing \(Self.name(collective, ranks, nodes, bytes))")
    case .timed(let time): printLine(row(time))
    case .leftOut(let collective, let ranks, let nodes, let bytes):
      printLine(
        "note: \(Self.name(collective, ranks, nodes, bytes)) and more would take too long: --seconds allows more")
    }
  }

  private func printLine(_ text: String) {
    guard style != .quiet else { return }
    if style == .terminal { Console.overwrite("") }
    Console.line(text)
  }

  private func row(_ time: CollectiveTime) -> String {
    let rate = Format.bytes(Double(time.bytes) / time.seconds)
    return "\(Self.name(time.collective, time.ranks, time.nodes, time.bytes))  \(Format.seconds(time.seconds))"
      + " (\(Format.seconds(time.low)) to \(Format.seconds(time.high)))  \(rate)/s\(share(time))"
  }

  /// Of what the link could carry.
  private func share(_ time: CollectiveTime) -> String {
    guard let bytesPerSecond,
      let least = time.collective.leastSeconds(
        bytes: time.bytes, ranks: time.ranks, nodes: time.nodes, bytesPerSecond: bytesPerSecond)
    else { return "" }
    return "  \(Format.percent(least / time.seconds, 0)) of the link"
  }

  private static func name(_ collective: Collective, _ ranks: Int, _ nodes: Int, _ bytes: Int) -> String {
    "\(NetworkWords.group(collective, ranks, nodes)), \(NetworkWords.size(bytes))"
  }
}
