import Interconnect

/// The network under a study's step: what an exchange takes, and how much of it the backward pass hides.
struct ExchangeModel {
  var load: ExchangeLoad
  let network: NetworkModel
  /// The study's exchange took so many times what the network's model says of its calls.
  let pace: Double
  let overlap: OverlapRule
  /// The network's model knows one level: each rank counts as a node.
  let isFlat: Bool

  /// What a step shows of its exchange.
  struct Exposure {
    /// Nothing hidden.
    var exchange: Double
    /// The rest is hidden.
    var exposed: NetworkEstimate
    /// Of what is exposed, the part that messages take without bytes.
    var latency: Double
  }

  /// - Parameters:
  ///   - samples: of a rank in the mean: rows of tables come from all.
  ///   - backward: seconds of a rank's backward pass.
  /// - Throws: `NetworkError` where the network's model says nothing of such ranks.
  func exposure(samples: Double, backward: Double, ranks: Int, nodes: Int) throws -> Exposure {
    guard ranks > 1 else { return Exposure(exchange: 0, exposed: .zero, latency: 0) }
    let plain = try load.seconds(on: network, samples: samples, ranks: ranks, nodes: isFlat ? ranks : nodes)
    let (dense, tables) = (plain.dense.times(pace), plain.tables.times(pace))
    func exposed(_ seconds: Double) -> Double { overlap.exposed(exchange: seconds, backward: backward) }
    let shown = NetworkEstimate(
      seconds: exposed(dense.seconds), low: exposed(dense.low), high: exposed(dense.high), basis: dense.basis)
    let denseLatency = dense.seconds > 0 ? pace * plain.denseLatency * shown.seconds / dense.seconds : 0
    return Exposure(
      exchange: dense.seconds + tables.seconds, exposed: shown + tables,
      latency: denseLatency + pace * plain.tableLatency)
  }
}
