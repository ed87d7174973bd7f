import Foundation
import Interconnect

extension NetworkReport {
  /// A picture for each collective, a panel for each level: what was measured as points, what is fitted as lines.
  package var figures: [Figure] {
    Collective.allCases.compactMap { collective in
      let panels = NetworkLevel.allCases.compactMap { panel(collective, $0) }
      guard !panels.isEmpty else { return nil }
      return Figure(
        name: "network-\(collective.rawValue)",
        caption:
          "\(collective.title.capitalizedFirst): medians that were measured as points, fits as lines.",
        panels: panels)
    }
  }

  private func panel(_ collective: Collective, _ level: NetworkLevel) -> String? {
    let fits = model.fits.filter { $0.collective == collective && $0.level == level }
    guard !fits.isEmpty else { return nil }
    let series = fits.enumerated().flatMap { index, fit in
      let name = "\(Format.plural(fit.ranks, "rank"))\(level == .both ? " on \(Format.plural(fit.nodes, "host"))" : "")"
      return [
        Plot.Series("\(name), measured", points(of: fit), Look(index), .points),
        Plot.Series("fitted", line(of: fit), Look(index), .line),
      ]
    }
    return Plot(
      "\(collective.title.capitalizedFirst) \(NetworkWords.place(level))", x: .init("Bytes of a rank's buffer", .log2),
      y: .init("Time (ms)", .log10), series
    ).svg()
  }

  private func points(of fit: CollectiveFit) -> [Plot.Point] {
    model.times.filter { $0.collective == fit.collective && $0.ranks == fit.ranks && $0.nodes == fit.nodes }
      .sorted { $0.bytes < $1.bytes }
      .map { Plot.Point(x: Double($0.bytes), y: $0.seconds * 1e3) }
  }

  /// Four points to a doubling, so that regimes are seen as they are.
  private func line(of fit: CollectiveFit) -> [Plot.Point] {
    let (least, most) = (log2(Double(max(1, fit.leastBytes))), log2(Double(max(1, fit.mostBytes))))
    return stride(from: least, through: most + 1e-9, by: 0.25).map { place in
      let bytes = Int(exp2(place).rounded())
      return Plot.Point(x: Double(bytes), y: fit.seconds(bytes: bytes) * 1e3)
    }
  }
}

/// Groups of ranks, and sizes of messages, in words.
package enum NetworkWords {
  /// `64 KiB`: without decimals where it is whole.
  package static func size(_ bytes: Int) -> String {
    let unit = Unit.bytes(for: Double(bytes))
    let value = Double(bytes) * unit.factor
    return value == value.rounded() ? "\(Format.integer(Int(value))) \(unit.name)" : Format.bytes(Double(bytes))
  }

  package static func group(_ collective: Collective, _ ranks: Int, _ nodes: Int) -> String {
    "\(collective.title), \(Format.plural(ranks, "rank")) on \(Format.plural(nodes, "host"))"
  }

  static func place(_ level: NetworkLevel) -> String {
    switch level {
    case .withinNode: "within a host"
    case .betweenNodes: "between hosts, one rank on each"
    case .both: "of several ranks on several hosts"
    }
  }

  /// As bytes a second.
  static func rate(_ secondsPerByte: Double) -> String {
    secondsPerByte > 0 ? Format.bytes(1 / secondsPerByte) + "/s" : Format.missing
  }
}

extension String {
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
