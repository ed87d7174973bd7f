import Buffers
import Gradients
import Measurement

/// A step's exchange as one channel: a bucket sets off when its layer's gradients are final on every rank and the bucket
/// before it is through, and takes a time that is in proportion to its bytes; tables' rows set off when the backward pass
/// is over. The time a byte takes is the one with which this leaves as much exposed as was measured. Where weights move as
/// gradients arrive, a bucket's update hides as much of the next one's time.
package struct WireModel {
  /// Bytes and the moment from which they may leave, in seconds after the last rank's backward pass: 0 or before.
  package struct Message: Equatable {
    package var bytes: Double
    package var ready: Double
    /// Seconds of the update that follows it, before the next one is waited for.
    package var update = 0.0
  }

  private let layers: [RunSteps.Layer]
  private let bytesPerFloat: Double
  private let startsEarly: Bool
  private let comesInParts: Bool
  /// Of a step's update for each byte that travels, where gradients come in parts.
  private let updateSecondsPerByte: Double
  private let tables: [Message]
  /// Of a rank's link, each way; nil where nobody says.
  private let linkBytesPerSecond: Double?
  private let ranks: Double
  /// As it was.
  package let messages: [Message]
  /// Measured, in a step.
  let exposed: Double
  /// Seconds that a byte takes.
  package let secondsPerByte: Double

  /// - Parameters:
  ///   - gradientBytes: of a step's dense exchange.
  ///   - tableBytes: of a step's row-sparse one, as bytes of an all-reduce that would load the wire as much.
  ///   - startsEarly: false where buckets set off when the backward pass is over.
  ///   - exposed: seconds of a step, after the last rank's arrival.
  ///   - linkBytesPerSecond: of a rank's link, each way. What an all-reduce takes beside its bytes on that link (sums, copies,
  ///     the thread that looks now and then) no network makes faster; without it all is taken for the network's.
  package init(
    _ steps: RunSteps, gradientBytes: Double, tableBytes: Double, startsEarly: Bool, exposed: Double,
    linkBytesPerSecond: Double? = nil
  ) {
    let floats = steps.buckets.reduce(0) { $0 + $1.floats }
    let bytesPerFloat = floats > 0 ? gradientBytes / Double(floats) : 0
    // Signals leave by themselves there.
    comesInParts = steps.buckets.count > 1 && steps.buckets[0].floats == GradientArena.tail
    updateSecondsPerByte = comesInParts && gradientBytes > 0 ? steps.updateSeconds / gradientBytes : 0
    self.linkBytesPerSecond = linkBytesPerSecond
    ranks = Double(steps.ranks.count)
    let perByte = updateSecondsPerByte
    let messages = steps.buckets.map { bucket in
      let bytes = Double(bucket.floats) * bytesPerFloat
      return Message(
        bytes: bytes, ready: startsEarly ? -steps.layers[bucket.layer].ready : 0, update: bytes * perByte)
    }
    let tables = tableBytes > 0 ? [Message(bytes: tableBytes, ready: 0)] : []
    layers = steps.layers
    self.bytesPerFloat = bytesPerFloat
    self.startsEarly = startsEarly
    self.tables = tables
    self.messages = messages + tables
    self.exposed = exposed
    secondsPerByte = Self.secondsPerByte(messages + tables, exposed: exposed)
  }

  /// Exposed seconds of a step.
  ///
  /// - Parameters:
  ///   - speed: the network is so many times faster.
  ///   - hiding: the backward pass takes so many times as long.
  package func exposed(_ messages: [Message], speed: Double = 1, hiding: Double = 1) -> Double {
    Self.exposed(messages, secondsPerByte: secondsPerByte(speed: speed), hiding: hiding)
  }

  private func secondsPerByte(speed: Double) -> Double {
    // A ring moves 2 (P − 1) / P of the bytes over each link.
    let onLink = linkBytesPerSecond.map { min(secondsPerByte, 2 * (ranks - 1) / ranks / $0) } ?? secondsPerByte
    return secondsPerByte - onLink + onLink / speed
  }

  /// The same gradients in other buckets.
  package func messages(bucketBytes: Int) -> [Message] {
    let layout = ParameterLayout(
      layers: layers.map { layer in
        layer.floats > 0 ? [Parameter(name: layer.name, shape: Shape(layer.floats), start: .constant(0))] : []
      })
    let plan = BucketPlan(layout, bucketBytes: bucketBytes, tail: GradientArena.tail, tailFirst: comesInParts)
    return plan.buckets.map { bucket in
      let bytes = Double(bucket.range.count) * bytesPerFloat
      return Message(
        bytes: bytes, ready: startsEarly ? -layers[bucket.dueAfterLayer].ready : 0,
        update: bytes * updateSecondsPerByte)
    } + tables
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
