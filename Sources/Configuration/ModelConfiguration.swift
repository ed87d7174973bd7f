/// A model by its kind, with its settings; keys that a kind does not use are errors in the file.
public enum ModelConfiguration: Encodable, Equatable, Sendable {
  /// Written down layer by layer.
  case layers([LayerConfiguration])
  /// Dense layers with ReLU between them.
  case mlp(widths: [Int], batchNorm: Bool, dropout: Double)
  /// The simple CNN: 5×5 convolutions, each with ReLU and 2×2 max pooling, then a dense hidden layer.
  case cnn(filters: [Int], hidden: Int, batchNorm: Bool, dropout: Double)
  /// One dense layer; on data with id fields, binary logistic regression: a weight for each id and each dense value.
  case logistic
  /// Residual network for 32×32 images, He et al. 2016: `depth` is 6 · n + 2; `width` times 16, 32 and 64 filters. Batch
  /// norm where `normalization` is nil.
  case resnet(depth: Int, width: Int, normalization: ResidualNormalization? = nil)
  /// The shallow network C1 of Keskar et al. 2017.
  case keskarC1
  /// For click data: embeddings of ids, and what is made of them.
  case click(ClickModelConfiguration)
  /// A model that a program brings itself, by name; a run file cannot ask for it.
  case custom(String)
}

/// What a residual network has where it is published with batch norm.
public enum ResidualNormalization: String, Encodable, CaseIterable, Sendable {
  /// Group norm of eight groups: each sample by itself.
  case group
  /// Nothing; convolutions then have biases.
  case nothing = "none"
}

/// A model of ids and dense values with one score, trained with binary cross-entropy.
public struct ClickModelConfiguration: Encodable, Equatable, Sendable {
  /// The published models that it can be, each with the paper that it follows.
  public enum Kind: String, Encodable, CaseIterable, Sendable {
    /// Rendle 2010.
    case factorizationMachine
    /// Guo et al. 2017.
    case deepfm
    /// Cheng et al. 2016.
    case wideAndDeep
    /// Naumov et al. 2019.
    case dlrm
    /// Wang et al. 2021, cross and deep network side by side.
    case dcnv2
  }
  /// The published model.
  public var kind: Kind
  /// Floats of an id's embedding.
  public var embedding: Int
  /// Standard deviation of the embeddings' starting values.
  public var embeddingDeviation: Double
  /// Widths of the deep part's layers; of the top part's for DLRM. Without the last layer of width 1.
  public var widths: [Int]
  /// DLRM only: of the part that the dense values go through, without its last layer of the embedding's width. Nil where the
  /// file says nothing of it, which will do for data without dense values.
  public var bottomWidths: [Int]?
  /// DCN-V2 only.
  public var crossLayers: Int
  /// Probability of zeroing a unit behind each layer of `widths`, from 0 to below 1.
  public var dropout: Double
  /// Batch norm between each layer of `widths` and its ReLU; nil where there is none, so that what was stored before stays as
  /// it was.
  public var batchNorm: Bool?

  /// Where nothing else is said.
  public static let embeddingDeviation = 0.01

  /// Defaults of the keys that a run file leaves out.
  public init(
    kind: Kind, embedding: Int = 16, embeddingDeviation: Double = Self.embeddingDeviation, widths: [Int] = [],
    bottomWidths: [Int]? = [],
    crossLayers: Int = 3, dropout: Double = 0, batchNorm: Bool? = nil
  ) {
    self.kind = kind
    self.embedding = embedding
    self.embeddingDeviation = embeddingDeviation
    self.widths = widths
    self.bottomWidths = bottomWidths
    self.crossLayers = crossLayers
    self.dropout = dropout
    self.batchNorm = batchNorm
  }
}

enum ModelKey: String, SectionKey {
  case kind, layers, widths, filters, hidden, batchNorm, dropout, depth, width, normalization, embedding,
    embeddingDeviation,
    bottomWidths, crossLayers
}

/// The most layers of one list; so few that the bytes of all their weights are a number.
private let mostLayers = 1000

extension ModelConfiguration {
  private enum Kind: String, CaseIterable {
    case layers, mlp, cnn, logistic, resnet, keskarC1, factorizationMachine, deepfm, wideAndDeep, dlrm, dcnv2

    var click: ClickModelConfiguration.Kind? { .init(rawValue: rawValue) }
  }

  private static let width = { @Sendable (node: ConfigurationNode) in try node.whole(in: ConfigurationNode.widths) }

  package init(_ node: ConfigurationNode) throws {
    if node.isStored { try self.init(stored: node) } else { try self.init(typed: node) }
  }

  init(typed node: ConfigurationNode) throws {
    let section = try Section<ModelKey>(node)
    let kind =
      section[.kind] == nil && section[.layers] != nil ? .layers : try section.required(.kind).choice(Kind.self)
    let because = "\(node.pathOf("kind")) \(kind.rawValue)"
    if kind != .layers { try section.refuse(.layers, unless: "layers", because: because) }
    if kind != .resnet { try section.refuse(.depth, .width, .normalization, unless: "resnet", because: because) }
    if let kind = kind.click {
      self = .click(try ClickModelConfiguration(kind, section, because))
      return
    }
    try section.refuse(
      .embedding, .embeddingDeviation, .bottomWidths, .crossLayers, unless: "a click model", because: because)
    if kind != .mlp { try section.refuse(.widths, unless: "mlp and deep click models", because: because) }
    if kind != .cnn { try section.refuse(.filters, .hidden, unless: "cnn", because: because) }
    if kind != .mlp, kind != .cnn {
      try section.refuse(.batchNorm, .dropout, unless: "mlp, cnn or a deep click model", because: because)
    }
    let batchNorm = try section[.batchNorm]?.flag() ?? false
    let dropout = try section[.dropout]?.number(.belowOne) ?? 0
    switch kind {
    case .mlp:
      let widths = try section.required(.widths).list(example: "[512, 512]", upTo: mostLayers, Self.width)
      self = .mlp(widths: widths, batchNorm: batchNorm, dropout: dropout)
    case .cnn:
      let filters = try section.required(.filters).list(example: "[32, 64]", upTo: mostLayers, Self.width)
      let hidden = try Self.width(try section.required(.hidden))
      self = .cnn(filters: filters, hidden: hidden, batchNorm: batchNorm, dropout: dropout)
    case .logistic: self = .logistic
    case .layers: self = .layers(try LayerConfiguration.list(try section.required(.layers)))
    case .resnet:
      self = .resnet(
        depth: try Self.depth(section), width: try section[.width]?.whole(in: 1...64) ?? 1,
        normalization: try Self.normalization(section))
    case .keskarC1: self = .keskarC1
    default: preconditionFailure("a click model")
    }
  }
}

extension ModelConfiguration {
  private static func depth(_ section: Section<ModelKey>) throws -> Int {
    guard let node = section[.depth] else { return 20 }
    let depth = try node.whole(in: 8...mostLayers)
    guard depth % 6 == 2 else { throw node.error("\(node.path) is \(depth), but must be 6n + 2: 8, 14, 20, 26, 32 …") }
    return depth
  }

  private enum Normalization: String, CaseIterable { case batch, group, none }

  /// Nil for batch norm, so that what was stored before there was a choice stays as it was.
  private static func normalization(_ section: Section<ModelKey>) throws -> ResidualNormalization? {
    let word = try section.optional(.normalization)?.choice(Normalization.self)
    return word.flatMap { ResidualNormalization(rawValue: $0.rawValue) }
  }
}

extension ClickModelConfiguration {
  fileprivate init(_ kind: Kind, _ section: Section<ModelKey>, _ because: String) throws {
    try section.refuse(.filters, .hidden, unless: "cnn", because: because)
    if kind == .factorizationMachine {
      try section.refuse(.widths, .dropout, .batchNorm, unless: "a model with a deep part", because: because)
    }
    if kind != .dlrm { try section.refuse(.bottomWidths, unless: "dlrm", because: because) }
    if kind != .dcnv2 { try section.refuse(.crossLayers, unless: "dcnv2", because: because) }
    let widths = { (node: ConfigurationNode) in
      try node.list(example: "[400, 400]", upTo: mostLayers) { try $0.whole(in: ConfigurationNode.widths) }
    }
    self.init(kind: kind)
    embedding = try section[.embedding]?.whole(in: 1...4096) ?? embedding
    embeddingDeviation = try section[.embeddingDeviation]?.number(.notNegative) ?? embeddingDeviation
    if kind != .factorizationMachine { self.widths = try widths(try section.required(.widths)) }
    if kind == .dlrm { bottomWidths = try section.optional(.bottomWidths).map(widths) }
    crossLayers = try section[.crossLayers]?.whole(in: 1...100) ?? crossLayers
    dropout = try section[.dropout]?.number(.belowOne) ?? dropout
    batchNorm = try section[.batchNorm]?.flag() == true ? true : nil
  }
}
