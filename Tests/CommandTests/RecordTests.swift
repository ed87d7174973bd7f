import Foundation
import Testing

extension CommandTests {
  /// The files of a run, as other programs read them: none of Lockstep's own types is used here.
  @Suite(.serialized) struct Record {
    private let arguments =
      "--set globalBatch=500 --set microBatch=125 --set epochs=3 --set steps=14 --set seed=11"

    @Test func holdsTheNamesThatOthersRelyOn() throws {
      let folder = try train(ranks: 2, arguments).folder
      let data = try Data(contentsOf: folder.file("run.json"))
      let record = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(record["ranks"] as? Int == 2)
      #expect(try #require(record["samplesPerSecond"] as? Double) > 0)
      #expect(record["updates"] as? Int == 14)
      // 12 steps are an epoch of 6,000 samples, so that the second epoch stops early.
      let epochs = try #require(record["epochs"] as? [[String: Any]])
      #expect(epochs.count == 2)
      for epoch in epochs {
        let training = try #require(epoch["training"] as? [String: Double])
        #expect(try #require(training["loss"]) > 0)
      }
      let validation = try #require(epochs.last?["validation"] as? [String: Double])
      #expect((0.1...1).contains(try #require(validation["accuracy"])))
      let configuration = try #require(record["configuration"] as? [String: Any])
      let wanted = ["globalBatch": 500, "microBatch": 125, "epochs": 3, "steps": 14, "seed": 11]
      for (key, value) in wanted { #expect(configuration[key] as? Int == value, "\(key)") }
    }

    /// Behind its header, `weights.safetensors` holds nothing but the numbers, in the order of the hash.
    @Test func hashIsThatOfTheWeightsFile() throws {
      let (record, folder) = try train(ranks: 2, arguments)
      let weights = try Data(contentsOf: folder.file("weights.safetensors"))
      let headerLength = weights.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
      let header = try #require(
        try JSONSerialization.jsonObject(with: weights.dropFirst(8).prefix(headerLength)) as? [String: Any])
      #expect(header.count == 7, "three layers of weights and biases, and the metadata: \(header.keys.sorted())")
      #expect(weights.count - 8 - headerLength == 4 * record.model.parameters)
      let sum = try Shell.run("tail -c +\(8 + headerLength + 1) \(folder.file("weights.safetensors").path) | sha256sum")
      #expect(sum.output.hasPrefix(record.weightsSHA256 + " "), "\(sum.output) is not \(record.weightsSHA256)")
    }
  }
}
