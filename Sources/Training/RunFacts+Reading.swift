import Buffers
import Configuration
import Datasets

private enum MachineKey: String, SectionKey {
  case processor, nodes, machines, coresPerNode, memoryBytesPerNode, system, mpi, oneDNN, lockstep
  case kernel, governor, instructions, transports, build, environment
}

extension MachineFacts {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<MachineKey>(node)
    self.init(
      processor: try section.required(.processor).anyText(), nodes: try section.required(.nodes).texts(),
      coresPerNode: try section.required(.coresPerNode).whole(in: 0...1 << 20),
      memoryBytesPerNode: try section.required(.memoryBytesPerNode).whole(in: ConfigurationNode.amounts),
      system: try section.required(.system).anyText(), mpi: try section.required(.mpi).anyText(),
      oneDNN: try section.required(.oneDNN).anyText(), lockstep: try section.required(.lockstep).anyText())
    machines = try section.optional(.machines)?.whole(in: 1...max(1, nodes.count))
    kernel = try section.optional(.kernel)?.anyText()
    governor = try section.optional(.governor)?.anyText()
    instructions = try section.optional(.instructions)?.anyText()
    transports = try section.optional(.transports)?.anyText()
    build = try section.optional(.build)?.anyText()
    environment = try section.optional(.environment)?.texts()
  }
}

private enum DatasetKey: String, SectionKey {
  case name, path, trainingSamples, validationSamples, testSamples, evaluatedOn, inputShape, classes, checksum
}

extension DatasetFacts {
  /// - Parameter configuration: of the run: tells what records from before it was written down were judged by.
  init(_ node: ConfigurationNode, _ configuration: DataConfiguration) throws {
    let section = try Section<DatasetKey>(node)
    let shape = try Shape(try section.required(.inputShape), mayBeEmpty: true)
    self.init(
      name: try section.required(.name).anyText(), path: try section.required(.path).anyText(),
      trainingSamples: try section.required(.trainingSamples).whole(in: ConfigurationNode.samples),
      validationSamples: try section.required(.validationSamples).whole(in: ConfigurationNode.samples),
      testSamples: try section.optional(.testSamples)?.whole(in: ConfigurationNode.samples),
      evaluatedOn: try section.optional(.evaluatedOn)?.choice(), inputShape: shape,
      classes: try section.required(.classes).whole(in: ConfigurationNode.classes),
      checksum: try section.optional(.checksum)?.text())
    // Images had no validation set then.
    if evaluatedOn == nil { usual = shape.rank == 3 ? .test : EvaluatedOn(askedBy: configuration) }
  }
}

private enum ModelFactsKey: String, SectionKey {
  case name, layers, parameters, gradientBytes, tableRows, tableBytes, tableStateBytes
}

extension ModelFacts {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<ModelFactsKey>(node)
    let amounts = ConfigurationNode.amounts
    self.init(
      name: try section.required(.name).anyText(), layers: try section.required(.layers).texts(),
      parameters: try section.required(.parameters).whole(in: amounts),
      gradientBytes: try section.required(.gradientBytes).whole(in: amounts))
    tableRows = try section.optional(.tableRows)?.whole(in: amounts)
    tableBytes = try section.optional(.tableBytes)?.whole(in: amounts)
    tableStateBytes = try section.optional(.tableStateBytes)?.whole(in: amounts)
  }
}

private enum ModelSizeKey: String, SectionKey { case weights, optimizerState }

extension ModelSize {
  package init(_ node: ConfigurationNode) throws {
    let section = try Section<ModelSizeKey>(node)
    self.init(
      weights: try section.required(.weights).whole(in: ConfigurationNode.amounts),
      optimizerState: try section.required(.optimizerState).whole(in: ConfigurationNode.amounts))
  }
}
