import Foundation

/// A file of events, as TensorBoard reads it: records of TensorFlow (tensorflow/core/lib/io/record_writer.h), each an `Event`
/// (tensorboard/compat/proto/event.proto).
package struct EventFile {
  package private(set) var bytes: [UInt8] = []

  /// Begins with the version that readers ask for.
  /// - Parameter time: in seconds since 1970.
  package init(time: Double) {
    var event = ProtobufMessage()
    event.add(1, time)
    event.add(3, "brain.Event:2")
    append(event)
  }

  /// One point of a curve. Readers have floats.
  package mutating func addScalar(_ tag: String, _ value: Double, step: Int, time: Double) {
    var point = ProtobufMessage()
    point.add(1, tag)
    point.add(2, Float(value))
    append(summary: point, step: step, time: time)
  }

  /// What a plugin reads: its content stands in the metadata, beside a tensor that says nothing.
  package mutating func addPluginData(_ tag: String, plugin: String, _ content: ProtobufMessage, time: Double) {
    var (data, metadata, point) = (ProtobufMessage(), ProtobufMessage(), ProtobufMessage())
    data.add(1, plugin)
    data.add(2, content)
    metadata.add(1, data)
    metadata.add(4, Self.tensorClass)
    point.add(1, tag)
    point.add(9, metadata)
    point.add(8, Self.emptyTensor)
    append(summary: point, step: 0, time: time)
  }

  /// `DATA_CLASS_TENSOR`.
  private static let tensorClass = 2

  /// A scalar of type `DT_FLOAT`.
  private static let emptyTensor: ProtobufMessage = {
    var tensor = ProtobufMessage()
    tensor.add(1, 1)
    tensor.add(2, ProtobufMessage())
    return tensor
  }()

  private mutating func append(summary point: ProtobufMessage, step: Int, time: Double) {
    var (summary, event) = (ProtobufMessage(), ProtobufMessage())
    summary.add(1, point)
    event.add(1, time)
    event.add(2, step)
    event.add(5, summary)
    append(event)
  }

  /// Length, its checksum, content, its checksum.
  private mutating func append(_ event: ProtobufMessage) {
    let length = UInt64(event.bytes.count).littleEndianBytes
    bytes += length + CRC32C.masked(length).littleEndianBytes
    bytes += event.bytes + CRC32C.masked(event.bytes).littleEndianBytes
  }
}
