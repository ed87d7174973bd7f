import Buffers
import Gradients
import Measurement

/// A step's exchange as one channel: a bucket sets off when its layer's gradients are final on every rank and the bucket
/// before it is through, and takes a time that is in proportion to its bytes; tables' rows set off when the backward pass
/// is over. The time a byte takes is the one with which this leaves as much exposed as was measured.
package struct WireModel {
  /// Bytes and the moment from which they may leave, in seconds after the last rank's backward pass: 0 or before.
  package struct Message: Equatable {
    package var bytes: Double
    package var ready: Double
  }

  private let layers: [RunSteps.Layer]
  private let bytesPerFloat: Double
  private let startsEarly: Bool
  private let tables: [Message]
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
  package init(_ steps: RunSteps, gradientBytes: Double, tableBytes: Double, startsEarly: Bool, exposed: Double) {
    let floats = steps.buckets.reduce(0) { $0 + $1.floats }
    let bytesPerFloat = floats > 0 ? gradientBytes / Double(floats) : 0
    let messages = steps.buckets.map {
      Message(
        bytes: Double($0.floats) * bytesPerFloat, ready: startsEarly ? -steps.layers[$0.layer].ready : 0)
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
    Self.exposed(messages, secondsPerByte: secondsPerByte / speed, hiding: hiding)
  }

  /// The same gradients in other buckets.
  package func messages(bucketBytes: Int) -> [Message] {
    let layout = ParameterLayout(
      layers: layers.map { layer in
        layer.floats > 0 ? [Parameter(name: layer.name, shape: Shape(layer.floats), start: .constant(0))] : []
      })
    let plan = BucketPlan(layout, bucketBytes: bucketBytes, tail: GradientArena.tail)
    return plan.buckets.map {
      Message(
        bytes: Double($0.range.count) * bytesPerFloat, ready: startsEarly ? -layers[$0.dueAfterLayer].ready : 0)
    } + tables
  }

  private static func exposed(_ messages: [Message], secondsPerByte: Double, hiding: Double = 1) -> Double {
    var end = -Double.infinity
    for message in messages { end = max(end, message.ready * hiding) + message.bytes * secondsPerByte }
    return max(end, 0)
  }

  /// By bisection: more seconds a byte expose more.
  private static func secondsPerByte(_ messages: [Message], exposed wanted: Double) -> Double {
    let bytes = messages.reduce(0) { $0 + $1.bytes }
    guard bytes > 0, wanted > 0 else { return 0 }
    var (low, high) = (0.0, (wanted - (messages.map(\.ready).min() ?? 0)) / bytes * 2)
    for _ in 0..<60 {
      let middle = (low + high) / 2
      if exposed(messages, secondsPerByte: middle) < wanted { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }
}
