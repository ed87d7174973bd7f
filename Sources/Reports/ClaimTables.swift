import Configuration
import Statistics
import Studies

/// Published claims beside the measurements.
struct ClaimTables {
  let claims: [ClaimFinding]

  var table: Table {
    Table(
      [
        .text("Claim"), .number("Published"), .number("Measured here"), .text("Agrees if"), .text("Verdict"),
        .text("Note"),
      ],
      claims.map { finding in
        [
          "\(finding.claim.text) (\(finding.claim.source))",
          finding.claim.published.map { Format.number($0) } ?? "no figure",
          Self.measured(finding), Self.bounds(finding.claim), Self.name(finding.verdict), finding.claim.note ?? "",
        ]
      })
  }

  /// The claims of all parts of a study, short.
  static func overview(_ parts: [(title: String, claims: [ClaimFinding])]) -> Table {
    Table(
      [.text("Part"), .text("Claim"), .number("Published"), .number("Measured here"), .text("Verdict")],
      parts.flatMap { part in
        part.claims.map { finding in
          [
            part.title, finding.claim.text, finding.claim.published.map { Format.number($0) } ?? "no figure",
            finding.measured.map { Format.number($0) } ?? Format.missing, name(finding.verdict),
          ]
        }
      })
  }

  /// One sentence for all.
  var sentence: String? {
    guard !claims.isEmpty else { return nil }
    func count(_ verdict: ClaimFinding.Verdict) -> Int { claims.filter { $0.verdict == verdict }.count }
    func phrase(_ verdict: ClaimFinding.Verdict, _ one: String, _ many: String) -> String? {
      count(verdict) == 0 ? nil : "\(count(verdict)) \(count(verdict) == 1 ? one : many)"
    }
    let parts = [
      phrase(.agrees, "agrees", "agree"), phrase(.differs, "differs", "differ"),
      phrase(.notMeasured, "was not measured", "were not measured"),
      phrase(.notJudged, "was not judged (too few updates)", "were not judged (too few updates)"),
      phrase(.shown, "is shown", "are shown"), phrase(.notShown, "is not shown", "are not shown"),
      phrase(.opposite, "is the opposite of what is shown", "are the opposite of what is shown"),
      phrase(.undecided, "is undecided", "are undecided"),
    ]
    return "Claims beside what was measured here: " + Format.list(parts.compactMap { $0 }) + "."
  }

  static func name(_ verdict: ClaimFinding.Verdict) -> String {
    switch verdict {
    case .agrees: "agrees"
    case .differs: "differs"
    case .notMeasured: "not measured"
    case .notJudged: "not judged: too few updates"
    case .shown: "shown"
    case .notShown: "not shown"
    case .opposite: "opposite"
    case .undecided: "undecided"
    }
  }

  static func measured(_ finding: ClaimFinding) -> String {
    guard let measured = finding.measured else { return Format.missing }
    if let test = finding.test { return paired(test, unpaired: finding.unpaired ?? 0) }
    if let interval = finding.interval {
      return "\(Format.number(measured)) (\(Format.number(interval.lower)) to \(Format.number(interval.upper)))"
    }
    guard let least = finding.least, let most = finding.most, finding.places > 1 else { return Format.number(measured) }
    return
      "\(Format.number(measured)) (\(Format.number(least)) to \(Format.number(most)) over \(finding.places) places)"
  }

  /// Mean, interval, pairs and the chance of a one-sided test of the bounds.
  private static func paired(_ test: BoundsTest, unpaired: Int) -> String {
    let interval = test.interval.map { " (\(Format.number($0.lower)) to \(Format.number($0.upper)))" } ?? ""
    let chance = test.pValue.map { ", p \($0 < 0.0001 ? "< 0.0001" : Format.fixed($0, 4))" } ?? ""
    let without = unpaired > 0 ? ", \(unpaired) without a pair" : ""
    return
      "\(Format.number(test.mean))\(interval), \(test.inside) of \(Format.plural(test.count, "seed")) within\(chance)\(without)"
  }

  static func bounds(_ claim: StudyClaim) -> String {
    switch (claim.atLeast, claim.atMost) {
    case (let low?, let high?): "\(quantity(claim)) is \(Format.number(low)) to \(Format.number(high))"
    case (let low?, nil): "\(quantity(claim)) is at least \(Format.number(low))"
    case (nil, let high?): "\(quantity(claim)) is at most \(Format.number(high))"
    case (nil, nil): quantity(claim)
    }
  }

  private static func quantity(_ claim: StudyClaim) -> String {
    let quantity = claim.quantity
    let best = claim.best == true ? " at the best setting by validation" : ""
    let measure =
      quantity.along.map { "growth of \(quantity.measure) for each doubling of \($0.rawValue)" } ?? quantity.measure
    let minus = quantity.minus.map { " − \(measure)\(place($0))\(best)" } ?? ""
    let top = measure + place(quantity.of) + best + minus
    guard quantity.isRatio else { return top }
    if quantity.minus != nil {
      return "(\(top)) ÷ (\(quantity.measure)\(place(quantity.over ?? quantity.of))\(best)\(minus))"
    }
    return "\(top) ÷ \(quantity.overMeasure ?? quantity.measure)\(place(quantity.over ?? quantity.of))\(best)"
  }

  private static func place(_ place: StudyClaim.Place) -> String {
    let values = place.values
    let parts =
      [
        values.variant, values.globalBatch.map { "batch \(Format.integer($0))" },
        values.scaling.map { "rate \($0.rawValue)" },
      ].compactMap { $0 } + values.furtherNames + (values.ranks.map { [Format.plural($0, "rank")] } ?? [])
    return parts.isEmpty ? "" : " [\(parts.joined(separator: ", "))]"
  }
}
