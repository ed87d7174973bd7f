import Buffers
import Gradients
import Measurement

/// A step's exchange as one channel: a bucket sets off when its layer's gradients are final on every rank and the bucket
/// before it is through, and takes a time that is in proportion to its bytes; tables' rows set off when the backward pass
/// is over. It does not know of rows that leave before (`RowExchange`'s early ones): they make a byte's time look shorter. The
/// time a byte takes is its time on the link, where somebody says what that carries; what was exposed beyond what this
/// explains stays, whatever the network does. Otherwise it is the time with which this leaves as much exposed as was
/// measured. Where weights move as gradients arrive, a bucket's update hides as much of the next one's time.
package struct WireModel {
  /// Bytes and the moment from which they may leave, in seconds after the last rank's backward pass: 0 or before.
  package struct Message: Equatable {
    package var bytes: Double
    package var ready: Double
    /// Seconds of the update that follows it, before the next one is waited for.
    package var update = 0.0
  }

  private let departures: Departures
  private let comesInParts: Bool
  private let tables: [Message]
  /// As it was.
  package let messages: [Message]
  /// Measured, in a step.
  let exposed: Double
  /// Seconds that a byte takes.
  package let secondsPerByte: Double
  /// Of what was exposed in a step, all that bytes on the link do not explain: the last sums and copies, the thread that looks
  /// now and then, ranks that leave later than others.
  package let beside: Double

  /// - Parameters:
  ///   - gradientBytes: of a step's dense exchange.
  ///   - tableBytes: of a step's row-sparse one, as bytes of an all-reduce that would load the wire as much.
  ///   - startsEarly: false where buckets set off when the backward pass is over.
  ///   - exposed: seconds of a step, after the last rank's arrival.
  ///   - linkBytesPerSecond: of a rank's link, each way. Without it all that was exposed is taken for the network's.
  package init(
    _ steps: RunSteps, gradientBytes: Double, tableBytes: Double, startsEarly: Bool, exposed: Double,
    linkBytesPerSecond: Double? = nil
  ) {
    let floats = steps.buckets.reduce(0) { $0 + $1.floats }
    // Signals leave by themselves there.
    comesInParts = steps.buckets.count > 1 && steps.buckets[0].floats == GradientArena.tail
    departures = Departures(
      layers: steps.layers, startsEarly: startsEarly, bytesPerFloat: floats > 0 ? gradientBytes / Double(floats) : 0,
      updateSecondsPerByte: comesInParts && gradientBytes > 0 ? steps.updateSeconds / gradientBytes : 0)
    tables = tableBytes > 0 ? [Message(bytes: tableBytes, ready: 0)] : []
    messages = departures.messages(steps.buckets) + tables
    self.exposed = exposed
    let fitted = Self.secondsPerByte(messages, exposed: exposed)
    // A ring moves 2 (P − 1) / P of the bytes over each link.
    let ranks = Double(steps.ranks.count)
    secondsPerByte = linkBytesPerSecond.map { min(fitted, 2 * (ranks - 1) / ranks / $0) } ?? fitted
    beside = max(0, exposed - Self.exposed(messages, secondsPerByte: secondsPerByte))
  }

  /// Exposed seconds of a step.
  ///
  /// - Parameters:
  ///   - speed: the network is so many times faster.
  ///   - hiding: the backward pass takes so many times as long.
  package func exposed(_ messages: [Message], speed: Double = 1, hiding: Double = 1) -> Double {
    beside + Self.exposed(messages, secondsPerByte: secondsPerByte / speed, hiding: hiding)
  }

  /// The same gradients in other buckets.
  package func messages(bucketBytes: Int) -> [Message] {
    let layout = ParameterLayout(
      layers: departures.layers.map { layer in
        layer.floats > 0 ? [Parameter(name: layer.name, shape: Shape(layer.floats), start: .constant(0))] : []
      })
    let plan = BucketPlan(layout, bucketBytes: bucketBytes, tail: GradientArena.tail, tailFirst: comesInParts)
    return departures.messages(plan.buckets.map { .init(floats: $0.range.count, layer: $0.dueAfterLayer) }) + tables
  }

  private static func exposed(_ messages: [Message], secondsPerByte: Double, hiding: Double = 1) -> Double {
    var (end, now, waited) = (-Double.infinity, 0.0, 0.0)
    for message in messages {
      end = max(end, message.ready * hiding) + message.bytes * secondsPerByte
      waited += max(0, end - now)
      now = max(now, end) + message.update
    }
    return waited
  }

  /// By bisection: more seconds a byte expose more.
  private static func secondsPerByte(_ messages: [Message], exposed wanted: Double) -> Double {
    let bytes = messages.reduce(0) { $0 + $1.bytes }
    guard bytes > 0, wanted > 0 else { return 0 }
    let hidden = messages.reduce(0) { $0 + $1.update } - (messages.map(\.ready).min() ?? 0)
    var (low, high) = (0.0, (wanted + hidden) / bytes * 2)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if exposed(messages, secondsPerByte: middle) < wanted { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}

/// When gradients may leave.
private struct Departures {
  let layers: [RunSteps.Layer]
  let startsEarly: Bool
  let bytesPerFloat: Double
  /// Of a step's update for each byte that travels, where gradients come in parts.
  let updateSecondsPerByte: Double

  /// - Parameter buckets: all of a step, in the order in which they are set off.
  func messages(_ buckets: [RunSteps.Bucket]) -> [WireModel.Message] {
    var end = 0
    return buckets.map { bucket in
      end += bucket.floats
      let bytes = Double(bucket.floats) * bytesPerFloat
      return WireModel.Message(
        bytes: bytes, ready: startsEarly ? ready(upTo: end, in: bucket.layer) : 0, update: bytes * updateSecondsPerByte)
    }
  }

  /// Gradients up to there: a layer's own, which lie behind those of all later layers, after its first part in proportion to
  /// their number.
  private func ready(upTo end: Int, in layer: Int) -> Double {
    let own = layers[layer]
    guard let first = own.firstPart, own.floats > first.floats else { return -own.ready }
    let start = layers[(layer + 1)...].reduce(0) { $0 + $1.floats }
    let rest = Double(end - start - first.floats) / Double(own.floats - first.floats)
    return -(first.ready + (own.ready - first.ready) * min(1, max(0, rest)))
  }
}
