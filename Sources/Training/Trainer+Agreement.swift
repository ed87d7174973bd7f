import Buffers
import Configuration
import Datasets
import Foundation
import MessagePassing

/// Ranks that do not run the same experiment would average gradients of different things, or hang in collectives that do
/// not match. Both are found before the first step.
extension Trainer {
  static func fingerprints(_ configuration: RunConfiguration, _ data: DatasetPair) throws -> [(
    name: String, value: String
  )] {
    // Where the data lies may differ from host to host; what it holds may not.
    var experiment = configuration
    experiment.data.path = ""
    experiment.data.fallback = nil
    let text = String(decoding: try RecordFile.encoder().encode(experiment), as: UTF8.self)
    return [
      ("configuration", WeightsHash.sha256(text)),
      ("number of training samples", "\(data.training.count)"),
      ("number of validation samples", "\(data.validation.count)"),
      ("checksum of the data", data.checksum ?? "none"),
    ]
  }

  /// Hash of the weights as they are now.
  public var weightsSHA256: String { WeightsHash.sha256(parameters, layout: layout) }

  /// Collective: after a run the weights must be the same everywhere, or the ranks did not train one model.
  func requireEqualWeights() throws -> String {
    let mine = weightsSHA256
    try communicator.requireEqual([("set of weights after \(updates) updates", mine)])
    return mine
  }
}

extension Communicator {
  /// Collective. Throws, on every rank, the first thing in which a rank differs from rank 0.
  func requireEqual(_ things: [(name: String, value: String)]) throws {
    let all = try allGather(things.map(\.value).joined(separator: "\n")).map { $0.split(separator: "\n") }
    for (index, thing) in things.enumerated() {
      guard let other = all.firstIndex(where: { $0[index] != all[0][index] }) else { continue }
      let message =
        "rank \(other) has another \(thing.name) than rank 0 (\(all[other][index].prefix(12)) against "
        + "\(all[0][index].prefix(12))); give every rank the same file, flags and data, and every host the same libraries"
      throw CollectiveError(rank: other, message: message, failures: size, ranks: size, observer: rank)
    }
  }
}
