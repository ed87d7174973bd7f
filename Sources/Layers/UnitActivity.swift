import Buffers

/// Which units of a network's rectified layers have put out more than 0 for any sample that it was shown. A unit that never does lets no
/// gradient through, and so learns nothing.
public final class UnitActivity {
  /// A layer behind which values below 0 become 0.
  public struct Layer: Sendable {
    /// In the model: `branches1.deep.dense1`.
    public let name: String
    /// Channels of images, values of anything else.
    public let units: Int
    /// Those that have put out nothing but 0 so far, rising.
    public fileprivate(set) var silent: [Int]
  }

  /// In forward order.
  public private(set) var layers: [Layer] = []
  /// Of the layers, each by its step.
  private var layersOfSteps: [Int?]

  /// Of nothing shown yet.
  public init(_ network: Network) {
    layersOfSteps = []
    let nodes = network.model.graph.nodes
    for step in network.plan.fusion.steps {
      let rectifies = step.members.contains { nodes[$0].work.layer is ReLU }
      layersOfSteps.append(rectifies ? layers.count : nil)
      guard rectifies else { continue }
      let units = step.output.shape[step.output.shape.rank - 1]
      layers.append(Layer(name: nodes[step.index].place.name, units: units, silent: Array(0..<units)))
    }
  }

  /// For each unit of each layer 1 where it has put out more than 0, else 0: the largest of several networks' is of the samples of all.
  public var flags: [Float] {
    get {
      layers.flatMap { layer in
        var flags = [Float](repeating: 1, count: layer.units)
        for unit in layer.silent { flags[unit] = 0 }
        return flags
      }
    }
    set {
      var first = 0
      for index in layers.indices {
        let units = layers[index].units
        layers[index].silent = (0..<units).filter { newValue[first + $0] == 0 }
        first += units
      }
    }
  }

  /// Only units of which nothing was seen yet are looked at, each up to the first sample for which it puts out more than 0: of a network
  /// that learns hardly any are left after the first call.
  ///
  /// - Parameters:
  ///   - step: of the network's plan, which has just run.
  ///   - output: its, channels innermost.
  fileprivate func note(_ step: Int, _ output: () -> Tensor) {
    guard let index = layersOfSteps[step], !layers[index].silent.isEmpty else { return }
    let (values, units) = (output().buffer, layers[index].units)
    layers[index].silent.removeAll { unit in
      stride(from: unit, to: values.count, by: units).contains { values[$0] > 0 }
    }
  }
}

extension Network {
  /// As `forward`, and notes which units put out more than 0.
  public func forward(_ inputs: Tensor, _ pass: Pass, noting activity: UnitActivity) throws -> Tensor {
    var step = 0
    return try forward(inputs, pass) {
      activity.note(step) { tensor(plan.fusion.steps[step].output, inputs, pass.rows) }
      step += 1
    }
  }
}
