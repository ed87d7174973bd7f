/// Learning without labels, from two views of each sample (SimCLR, Chen et al. 2020): the section `contrastive`.
public struct ContrastiveConfiguration: Encodable, Equatable, Sendable {
  /// Similarities are divided by it.
  public var temperature: Double
  /// Widths of the dense layers that come behind the representation, with a ReLU between them; the last is that of the
  /// projections which are compared.
  public var head: [Int]
  /// Samples are compared within groups of so many, neighbours in the global batch; nil compares the whole global batch.
  public var negatives: Int?
  /// Nearest neighbours that vote on a sample's class.
  public var neighbours: Int
  /// Training samples whose labels evaluation uses: those that neighbours are looked for among and that the linear probe
  /// learns from.
  public var references: Int

  /// With a run file's defaults.
  public init(
    temperature: Double = 0.5, head: [Int] = [128, 128], negatives: Int? = nil, neighbours: Int = 20,
    references: Int = 10_000
  ) {
    self.temperature = temperature
    self.head = head
    self.negatives = negatives
    self.neighbours = neighbours
    self.references = references
  }
}

enum ContrastiveKey: String, SectionKey { case temperature, head, negatives, neighbours, references }

extension ContrastiveConfiguration {
  package init(_ node: ConfigurationNode) throws {
    let section = try Section<ContrastiveKey>(node)
    self.init()
    temperature = try section[.temperature]?.number(.positive) ?? temperature
    head =
      try section[.head]?.list(example: "[128, 128]", upTo: 10) { try $0.whole(in: ConfigurationNode.widths) } ?? head
    negatives = try section.optional(.negatives)?.whole(in: 2...ConfigurationNode.counts.upperBound)
    neighbours = try section[.neighbours]?.whole(in: 1...1000) ?? neighbours
    references = try section[.references]?.whole() ?? references
  }
}

extension RunConfiguration {
  /// How often a step goes through each of its samples, each time another view of it.
  public var views: Int { contrastive == nil ? 1 : 2 }

  /// Why the run cannot learn by contrasting its samples, with the remedy; nil where it can, and where it is not asked to.
  package var contrastiveProblem: String? {
    guard let contrastive else { return nil }
    switch model {
    case .logistic, .click, .custom:
      return
        "contrastive needs a model of images with layers before its scores: use model.kind mlp, cnn, resnet, keskarC1 "
        + "or layers"
    case .layers, .mlp, .cnn, .resnet, .keskarC1: break
    }
    if data.augmentation?.isEmpty ?? true {
      return "contrastive compares two random views of each sample: say how they differ with data.augmentation"
    }
    if globalBatch < 2 {
      return
        "globalBatch is 1, and a contrastive batch of one sample has nothing to compare it with: set globalBatch to 2 or "
        + "more"
    }
    if let negatives = contrastive.negatives, globalBatch % negatives != 0 {
      return
        "contrastive.negatives is \(negatives), which does not divide globalBatch, \(globalBatch): set one to fit the other"
    }
    if workers != nil || optimizer.sharpnessAware != nil {
      return
        "\(workers == nil ? "optimizer.sharpnessAware" : "workers") takes gradients of parts of a batch or a second one of the "
        + "same, which contrastive, whose loss is of the whole batch, has not: remove one of the two"
    }
    if evaluation.trainingSet {
      return
        "evaluation.trainingSet means nothing with contrastive, where each training sample is its own nearest neighbour: "
        + "remove the key"
    }
    return nil
  }

  /// - Throws: `ConfigurationError` at the section. What Lockstep stored was looked at before.
  func requireContrast(_ section: Section<RunKey>) throws {
    guard !section.node.isStored, let node = section[.contrastive], let problem = contrastiveProblem else { return }
    throw node.error(problem)
  }
}
