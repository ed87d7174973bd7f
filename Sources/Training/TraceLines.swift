import Foundation
import Measurement

/// One rank's events in Trace Event Format, each a line of JSON. Times are microseconds with three decimals: nanoseconds.
struct TraceLines {
  /// A row of a rank's process.
  private enum Track: Int, CaseIterable {
    case compute = 1
    case communication, progressThread

    var name: String {
      switch self {
      case .compute: "compute"
      case .communication: "communication"
      case .progressThread: "progress thread"
      }
    }
  }

  let rank: Int
  let host: String
  let names: TraceNames
  /// Nanoseconds.
  let origin: UInt64

  /// Ends of what overlaps stand in the order of time, what lies inside before what it lies in.
  func all(_ events: [TraceRecorder.Event]) -> [String] {
    let (slices, spans) = (events.filter { !Self.isSpan($0) }, events.filter(Self.isSpan))
    let begins = spans.sorted(by: Self.comesFirst).map { (time: $0.start, order: 1, text: begin($0)) }
    let ends = spans.sorted { $0.start > $1.start }.map { (time: $0.end, order: 0, text: end($0)) }
    return heads + slices.sorted(by: Self.comesFirst).map(slice)
      + (ends + begins).sorted { ($0.time, $0.order) < ($1.time, $1.order) }.map(\.text)
  }

  private static func isSpan(_ event: TraceRecorder.Event) -> Bool {
    event.kind == .bucket || event.kind == .bucketWait
  }

  /// What contains something stands before it.
  private static func comesFirst(_ a: TraceRecorder.Event, _ b: TraceRecorder.Event) -> Bool {
    (a.start, b.end, a.kind.rawValue) < (b.start, a.end, b.kind.rawValue)
  }

  private var heads: [String] {
    [head("process_name", track: 0, "\"name\":\(Self.quoted("rank \(rank), \(host)"))")]
      + [head("process_sort_index", track: 0, "\"sort_index\":\(rank)")]
      + Track.allCases.flatMap { track in
        [
          head("thread_name", track: track.rawValue, "\"name\":\"\(track.name)\""),
          head("thread_sort_index", track: track.rawValue, "\"sort_index\":\(track.rawValue)"),
        ]
      }
  }

  private func head(_ name: String, track: Int, _ arguments: String) -> String {
    "{\"ph\":\"M\",\"name\":\"\(name)\",\"pid\":\(rank),\"tid\":\(track),\"args\":{\(arguments)}}"
  }

  private func slice(_ event: TraceRecorder.Event) -> String {
    switch event.kind {
    case .step: slice(.compute, "step \(event.step)", "step", event)
    case .phase: slice(.compute, phase(event), "phase", event)
    case .forward, .backward: slice(.compute, layer(event), "\(event.kind)", event)
    case .parameters, .input: slice(.compute, "\(layer(event)) \(event.kind)", "backward", event)
    case .messages: slice(.compute, "MPI", "messages", event)
    case .bucket, .bucketWait: slice(.communication, spanName(event), "bucket", event)
    case .tables: slice(.communication, "tables' rows", "tables", event)
    case .progressThread: slice(.progressThread, "moving messages on", "progress", event)
    }
  }

  private func phase(_ event: TraceRecorder.Event) -> String {
    guard let phase = Phase(rawValue: event.number) else { return "other" }
    return phase == .exchangeWire ? "exchange" : phase.name
  }

  private func layer(_ event: TraceRecorder.Event) -> String {
    names.layers.indices.contains(event.number) ? names.layers[event.number] : "layer \(event.number)"
  }

  private func bytes(_ bucket: Int) -> Int {
    names.bucketBytes.indices.contains(bucket) ? names.bucketBytes[bucket] : 0
  }

  private func slice(_ track: Track, _ name: String, _ category: String, _ event: TraceRecorder.Event) -> String {
    "{\"ph\":\"X\",\"name\":\(Self.quoted(name)),\"cat\":\"\(category)\",\"pid\":\(rank),\"tid\":\(track.rawValue),"
      + "\"ts\":\(microseconds(event.start)),\"dur\":\(Self.decimal(event.end - event.start)),"
      + "\"args\":{\"step\":\(event.step)}}"
  }

  // Stretches that others may overlap; those of one bucket lie in each other.

  private func begin(_ event: TraceRecorder.Event) -> String {
    let bytes = event.kind == .bucket ? ",\"bytes\":\(bytes(event.number))" : ""
    return
      "{\"ph\":\"b\",\(spanHead(event)),\"ts\":\(microseconds(event.start)),\"args\":{\"step\":\(event.step)\(bytes)}}"
  }

  private func end(_ event: TraceRecorder.Event) -> String {
    "{\"ph\":\"e\",\(spanHead(event)),\"ts\":\(microseconds(event.end))}"
  }

  private func spanHead(_ event: TraceRecorder.Event) -> String {
    "\"name\":\"\(spanName(event))\",\"cat\":\"bucket\",\"id2\":{\"local\":\"\(event.number)\"},\"pid\":\(rank),"
      + "\"tid\":\(Track.communication.rawValue)"
  }

  private func spanName(_ event: TraceRecorder.Event) -> String {
    event.kind == .bucket ? "bucket \(event.number)" : "wait for bucket \(event.number)"
  }

  private func microseconds(_ time: UInt64) -> String { Self.decimal(time - min(origin, time)) }

  private static func decimal(_ nanoseconds: UInt64) -> String {
    let rest = String(nanoseconds % 1000)
    return "\(nanoseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
  }

  private static func quoted(_ text: String) -> String {
    let json = try? JSONEncoder().encode(text)
    return json.map { String(decoding: $0, as: UTF8.self) } ?? "\"\""
  }
}
