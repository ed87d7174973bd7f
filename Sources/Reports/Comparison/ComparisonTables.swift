import Configuration
import Foundation
import Statistics
import Studies

/// A comparison's tables: a row for each pair of figures, with the difference and what a test says of it.
struct ComparisonTables {
  let comparison: StudyComparison

  init(_ comparison: StudyComparison) { self.comparison = comparison }

  private var studies: [ComparedStudy] { comparison.studies }
  /// With two studies they head columns; with more, every row names its own.
  private var areTwo: Bool { studies.count == 2 }

  /// Median epochs of the same work.
  var times: Table {
    let pairs = comparison.timePairs
    let unit = Unit.seconds(for: pairs.flatMap { [$0.firstTime, $0.otherTime] }.map(\.seconds.value).max() ?? 1)
    return Table(
      nameHeadings(pairs.map(\.place)) + [.number("Batch"), .number("Ranks")]
        + figureHeadings(unit: " (\(unit.name))") + [
          .text(areTwo ? "Ratio" : "Its ratio"), .text("Verdict"), .text("Epochs"),
        ],
      pairs.map { pair in
        nameCells(pair.place, in: pairs.map(\.place)) + [
          Format.integer(pair.place.globalBatch), Format.integer(pair.place.ranks),
        ]
          + figureCells(
            pair.first, Format.estimate(pair.firstTime.seconds, times: unit.factor), pair.other,
            Format.estimate(pair.otherTime.seconds, times: unit.factor)) + [
            Self.ratio(pair.difference), Self.verdict(pair),
            "\(Format.integer(pair.firstTime.epochs)) and \(Format.integer(pair.otherTime.epochs))",
          ]
      })
  }

  /// Quality of the same settings.
  var quality: Table {
    let pairs = comparison.qualityPairs
    let measures = Set(pairs.map(\.judgedBy.measure.facts.heading))
    let heading = measures.count == 1 ? measures.first ?? "" : "Quality"
    return Table(
      nameHeadings(pairs.map(\.place)) + [.number("Batch"), .text("Rate")] + figureHeadings(unit: "")
        + [.text("Difference: \(words(heading))"), .text("Verdict"), .text("Seeds")],
      pairs.map { pair in
        nameCells(pair.place, in: pairs.map(\.place)) + [
          Format.integer(pair.place.globalBatch), StudyWords.name(pair.place.scaling),
        ]
          + figureCells(
            pair.first, Self.text(pair.firstQuality, pair.judgedBy), pair.other,
            Self.text(pair.otherQuality, pair.judgedBy)
          ) + [
            Self.difference(pair),
            pair.difference.verdict.rawValue + (pair.difference.hasSameBits ? ", the same bits" : ""),
            "\(pair.firstQuality.quality?.count ?? 0) and \(pair.otherQuality.quality?.count ?? 0)"
              + (pair.difference.test == .welch ? ", unpaired" : ""),
          ]
      })
  }

  /// Speed-ups over rank counts that are from several studies, or beside those of another study.
  var jobSizes: Table {
    let lines = comparison.jobSizes
    return Table(
      nameHeadings(lines.map(\.place)) + [
        .number("Batch"), .number("Ranks"), .text("Study"), .text("Base"), .text("Speed-up"), .number("Efficiency (%)"),
      ],
      lines.flatMap { line in
        let reference = line.scaling.referenceRanks
        let base = "\(Format.seconds(line.scaling.referenceSeconds)) on \(Format.plural(reference, "rank"))"
        return line.scaling.entries.map { entry in
          nameCells(line.place, in: lines.map(\.place)) + [
            Format.integer(line.place.globalBatch), Format.integer(entry.ranks),
            line.studyOf[entry.ranks].map { studies[$0].name } ?? Format.missing, base, Self.speedUp(entry),
            Format.fixed(entry.efficiency * 100, 1),
          ]
        }
      })
  }

  /// What nothing can be compared with.
  var alone: Table {
    Table(
      [.text("Study"), .text("Setting"), .text("Epoch"), .text("Quality")],
      studies.indices.flatMap { number -> [[String]] in
        let times = comparison.timedOnly(in: number).map { place in
          let seconds = comparison.times[number][place].map { Format.seconds($0.seconds.value) } ?? Format.missing
          return [studies[number].name, Self.name(place, withRanks: true), seconds, Format.missing]
        }
        let qualities = comparison.learntOnly(in: number).map { place in
          let quality = comparison.qualities[number][place]?.quality
          return [
            studies[number].name, Self.name(place, withRanks: false) + ", \(StudyWords.name(place.scaling)) rate",
            Format.missing,
            comparison.judge(of: place).text(quality),
          ]
        }
        return times + qualities
      })
  }

  var leftOut: Table {
    Table(
      [.text("Study"), .text("Trials"), .text("Why")],
      comparison.leftOut.map { lost in
        let names = [lost.part, lost.variant].compactMap { $0 }
        return [
          studies[lost.study].name, names.isEmpty ? "all" : names.joined(separator: ", "),
          "Beside \(studies[lost.first].name) (there): " + lost.differences.joined(separator: "; "),
        ]
      })
  }

  /// The split by which weights were judged, in words: the same in all that is compared.
  private func words(_ text: String) -> String {
    let data = studies.lazy.compactMap { $0.provenance.dataset }.first
    return text.replacingOccurrences(of: "Validation", with: data?.heldOutHeading ?? "Validation")
  }

  private func figureHeadings(unit: String) -> [Table.Heading] {
    areTwo
      ? studies.map { .text($0.name + unit) }
      : [.text("Compared with"), .text("Its figure\(unit)"), .text("Study"), .text("Figure\(unit)")]
  }

  private func figureCells(_ first: Int, _ figure: String, _ other: Int, _ another: String) -> [String] {
    areTwo ? [figure, another] : [studies[first].name, figure, studies[other].name, another]
  }

  private static func text(_ learnt: LearntQuality, _ judged: JudgedQuality) -> String {
    let diverged = learnt.diverged > 0 ? "\(learnt.diverged) diverged" : nil
    return [learnt.quality.map { judged.text($0) }, diverged].compactMap { $0 }.joined(separator: ", ")
  }

  static func ratio(_ difference: TimeDifference) -> String {
    let interval = difference.interval.map { " (\(Format.fixed($0.lower, 3)) to \(Format.fixed($0.upper, 3)))" } ?? ""
    return Format.fixed(difference.ratio, 3) + interval
  }

  static func verdict(_ pair: StudyComparison.TimePair) -> String {
    if pair.firstTime.isDisturbed || pair.otherTime.isDisturbed { return "undecided: disturbed" }
    return pair.difference.interval == nil ? "undecided: too few epochs" : pair.difference.verdict.rawValue
  }

  static func difference(_ pair: StudyComparison.QualityPair) -> String {
    let facts = pair.judgedBy.measure.facts
    func text(_ value: Double) -> String { Format.signed(value * facts.factor, facts.decimals ?? 4) }
    guard let difference = pair.difference.difference else { return Format.missing }
    let interval = pair.difference.interval.map { " (\(text($0.lower)) to \(text($0.upper)))" } ?? ""
    return text(difference) + interval
  }

  private static func speedUp(_ entry: RankScaling.Entry) -> String {
    let interval = entry.speedUpInterval.map { " (\(Format.fixed($0.lower, 2)) to \(Format.fixed($0.upper, 2)))" } ?? ""
    return Format.fixed(entry.speedUp, 2) + interval
  }

  /// `part, variant, B = 256, 2 ranks`.
  static func name(_ place: ComparedPlace, withRanks: Bool) -> String {
    ([place.part].compactMap { $0 } + place.names + ["B = \(Format.integer(place.globalBatch))"]
      + (withRanks ? [Format.plural(place.ranks, "rank")] : [])).joined(separator: ", ")
  }
}

extension ComparisonTables {
  private func nameAxes(_ places: [ComparedPlace]) -> [Axis] {
    ([.variant] + Axis.further).filter { axis in places.contains { $0.values[axis] != nil } }
  }

  private func nameHeadings(_ places: [ComparedPlace]) -> [Table.Heading] {
    (places.contains { $0.part != nil } ? [.text("Part")] : []) + nameAxes(places).map { .text($0.title) }
  }

  private func nameCells(_ place: ComparedPlace, in places: [ComparedPlace]) -> [String] {
    (places.contains { $0.part != nil } ? [place.part ?? Format.missing] : [])
      + nameAxes(places).map { place.values[$0]?.text ?? Format.missing }
  }
}

extension ComparisonTables {
  var csv: String {
    let axes = [Axis.globalBatch, .scaling, .ranks, .variant] + Axis.further
    let titles =
      ["figure", "part"] + axes.map(\.key) + [
        "first", "other", "firstValue", "otherValue", "firstCount", "otherCount", "change", "value", "lower", "upper",
        "level", "pValue", "verdict",
      ]
    func place(_ figure: String, _ place: ComparedPlace) -> [CSV.Cell] {
      [.text(figure), .text(place.part ?? "")] + axes.map { CSV.Cell(place.values[$0]) }
    }
    func number(_ value: Double?) -> CSV.Cell { value.map { .number("\($0)") } ?? .empty }
    func change(_ kind: String, _ value: Double?, _ interval: Interval?) -> [CSV.Cell] {
      [.text(kind), number(value), number(interval?.lower), number(interval?.upper), number(interval?.level)]
    }
    func count(_ value: Int) -> CSV.Cell { .number("\(value)") }
    let times = comparison.timePairs.map { pair in
      place(Measure.epochSeconds.rawValue, pair.place)
        + [.text(studies[pair.first].name), .text(studies[pair.other].name)]
        + [number(pair.firstTime.seconds.value), number(pair.otherTime.seconds.value)]
        + [count(pair.firstTime.epochs), count(pair.otherTime.epochs)]
        + change("ratio", pair.difference.ratio, pair.difference.interval)
        + [number(pair.difference.pValue), .text(pair.difference.verdict.rawValue)]
    }
    let qualities = comparison.qualityPairs.map { pair in
      place(pair.judgedBy.measure.rawValue, pair.place)
        + [.text(studies[pair.first].name), .text(studies[pair.other].name)]
        + [number(pair.firstQuality.quality?.mean), number(pair.otherQuality.quality?.mean)]
        + [count(pair.firstQuality.quality?.count ?? 0), count(pair.otherQuality.quality?.count ?? 0)]
        + change("difference", pair.difference.difference, pair.difference.interval)
        + [.empty, .text(pair.difference.verdict.rawValue)]
    }
    return CSV.text([titles.map(CSV.Cell.text)] + times + qualities)
  }
}
