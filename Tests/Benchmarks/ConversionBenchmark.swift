import ArgumentParser
import Configuration
import Datasets
import Foundation
import Statistics

/// Speed of converting click data from text: text for each second of a core, all passes and threads together, and peak
/// memory, with hashed ids and with vocabularies.
struct ConversionBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conversion", abstract: "Criteo-like text to shards: MB/s of a core, peak memory.")

  @Option(help: "Rows of text, about 230 bytes each.") var rows = 1_000_000
  @Option(help: "Threads that parse.") var workers = 2
  @Option(help: "Conversions of each kind; the median counts.") var rounds = 3
  @Option(help: "Where text and shards lie while this runs; 0.4 kB a row.") var folder = NSTemporaryDirectory()

  private static let encodings = ["hash: 100000", "vocabulary: 10", "vocabulary: 1"]

  func run() throws {
    let place = "\(folder)/lockstep-conversion-\(getpid())"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: place) }
    let bytes = try CriteoText.write(rows: rows, to: "\(place)/text.tsv")
    print(String(format: "%d rows, %.0f MB of text, %d workers", rows, Double(bytes) * 1e-6, workers))
    print("ids                   ids kept   MB/s of a core (median, least, most)   wall-clock s   peak memory MB")
    for encoding in Self.encodings {
      var outcomes: [Outcome] = []
      for _ in 0..<rounds { outcomes.append(try convert(place, encoding)) }
      let speeds = outcomes.map { Double(bytes) * 1e-6 / $0.cpuSeconds }
      print(
        encoding.padding(toLength: 16, withPad: " ", startingAt: 0)
          + String(
            format: "%14d %13.0f (%.0f – %.0f) %29.1f %16.0f", outcomes[0].ids, speeds.quantile(0.5), speeds.min()!,
            speeds.max()!, outcomes.map(\.seconds).quantile(0.5), Double(outcomes.map(\.peak).max()!) * 1e-6))
    }
  }

  private struct Outcome {
    /// Rows of the table.
    var ids: Int
    /// Time of all threads, in the program and in the system for it.
    var cpuSeconds: Double
    var seconds: Double
    /// Bytes.
    var peak: Int
  }

  private func convert(_ place: String, _ encoding: String) throws -> Outcome {
    let file = "\(place)/schema.yaml"
    try "{name: criteo, format: criteo, defaults: {ids: {\(encoding)}}}".write(
      toFile: file, atomically: true, encoding: .utf8)
    var conversion = ClickConversion(
      sources: ["\(place)/text.tsv"], schema: try ClickSchemaFile.load(file: file), target: "\(place)/shards")
    conversion.workers = workers
    try ProcessMemory.forgetPeak()
    let before = Self.cpuSeconds
    let clock = ContinuousClock()
    let start = clock.now
    let outcome = try conversion.convert()
    let seconds = start.duration(to: clock.now) / .seconds(1)
    let cpuSeconds = Self.cpuSeconds - before
    let peak = try ProcessMemory.read().peak
    try FileManager.default.removeItem(atPath: conversion.target)
    return Outcome(ids: outcome.schema.idFields.rows, cpuSeconds: cpuSeconds, seconds: seconds, peak: peak)
  }

  /// Time of this process so far.
  private static var cpuSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
