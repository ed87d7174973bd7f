extension LayerConfiguration {
  /// How deep composites may stand in each other.
  static let deepest = 64

  /// A list of layers, `model.layers` or a composite's.
  ///
  /// - Parameters:
  ///   - depth: how many composites the list stands in.
  ///   - mayBeEmpty: the list then gives what goes into it.
  static func list(
    _ node: ConfigurationNode, depth: Int = 0, mayBeEmpty: Bool = false
  ) throws -> [LayerConfiguration] {
    guard depth <= deepest else {
      throw node.error("\(node.path) stands in more than \(deepest) composites: write the layers with fewer")
    }
    if mayBeEmpty, node.items?.isEmpty == true { return [] }
    return try node.list(example: "[flatten, dense: {width: classes}]", upTo: 1000) {
      try LayerConfiguration($0, depth: depth)
    }
  }

  /// A word such as `relu`, or a section of one key such as `dense: {width: 10}`.
  private init(_ node: ConfigurationNode, depth: Int) throws {
    let key: LayerKey
    let values: ConfigurationNode
    if case .scalar = node.content {
      key = try node.choice(LayerKey.self)
      values = ConfigurationNode(content: .empty, place: node.place, path: node.pathOf(key.rawValue))
    } else {
      (key, values) = try node.oneOf(LayerKey.self)
    }
    let section = try LayerSection(values, key, depth: depth)
    self.init(try section.kind(), place: "\(node.place)")
  }
}

/// The section behind a layer's word.
struct LayerSection {
  let section: Section<LayerParameterKey>
  let key: LayerKey
  let depth: Int

  init(_ node: ConfigurationNode, _ key: LayerKey, depth: Int) throws {
    section = try Section(node)
    self.key = key
    self.depth = depth
    for parameter in LayerParameterKey.allCases where !key.parameters.contains(parameter) {
      try section.refuse(parameter, unless: Self.owners(of: parameter), because: "a layer \(key.rawValue)")
    }
  }

  /// The layers that know a key.
  private static func owners(of parameter: LayerParameterKey) -> String {
    let owners = LayerKey.allCases.filter { $0.parameters.contains(parameter) }.map(\.rawValue)
    return owners.isEmpty ? "a branch of sum and concatenate" : owners.joined(separator: ", ")
  }

  func denseWidth() throws -> LayerConfiguration.Width {
    let node = try section.required(.width)
    if case .scalar(LayerConfiguration.Width.classesWord, _) = node.content { return .classes }
    guard case .scalar(let text, isQuoted: false) = node.content, Int(text) != nil else {
      throw node.error(expected: "a whole number, or the word 'classes'")
    }
    return .units(try node.whole(in: ConfigurationNode.widths))
  }

  func convolution() throws -> LayerConfiguration.Kind {
    let kernel = try extent(.kernel)
    return .convolution(
      filters: try width(.filters), kernel: kernel, stride: try section[.stride]?.whole(in: Self.extents) ?? 1,
      padding: try padding(kernel / 2, below: .kernel), bias: try section[.bias]?.flag() ?? true)
  }

  /// Sides and strides of windows, in pixels.
  private static let extents = 1...4096

  func extent(_ key: LayerParameterKey) throws -> Int { try section.required(key).whole(in: Self.extents) }

  func width(_ key: LayerParameterKey) throws -> Int {
    try section.required(key).whole(in: ConfigurationNode.widths)
  }

  func poolStride() throws -> Int { try section[.stride]?.whole(in: Self.extents) ?? extent(.size) }

  /// A window that lies in the padding alone would see nothing.
  func padding(_ absent: Int, below key: LayerParameterKey) throws -> Int {
    guard let node = section[.padding] else { return absent }
    let (padding, side) = (try node.whole(in: 0...Self.extents.upperBound), try extent(key))
    if padding >= side { throw node.error("\(node.path) is \(padding), but must be below \(key.rawValue), \(side)") }
    return padding
  }

  func vectorWidth() throws -> Int { try section.required(.width).whole(in: 1...4096) }

  func deviation() throws -> Double {
    try section[.deviation]?.number(.notNegative) ?? ClickModelConfiguration.embeddingDeviation
  }

  func layers(_ key: LayerParameterKey) throws -> [LayerConfiguration] {
    try LayerConfiguration.list(try section.required(key), depth: depth + 1)
  }

  func projection() throws -> [LayerConfiguration] {
    guard let node = section[.projection] else { return [] }
    return try LayerConfiguration.list(node, depth: depth + 1, mayBeEmpty: true)
  }

  func branches() throws -> [LayerConfiguration.Branch] {
    let node = try section.required(.branches)
    let branches = try node.list(example: "[{name: deep, layers: [relu]}]", upTo: 1000, branch)
    for (place, branch) in branches.enumerated() where branches[..<place].contains(where: { $0.name == branch.name }) {
      throw (node.items?[place] ?? node).error("\(node.path) has two branches of the name '\(branch.name)'")
    }
    return branches
  }

  func branch(_ node: ConfigurationNode) throws -> LayerConfiguration.Branch {
    let section = try Section<BranchKey>(node)
    let name = try section.required(.name)
    let text = try name.text()
    guard text.utf8.allSatisfy({ $0.isLetterOrDigit }), text.utf8.count <= 60 else {
      throw name.error("\(name.path) is '\(text.shown)', but must be letters and digits, 60 at most")
    }
    let layers = try LayerConfiguration.list(try section.required(.layers), depth: depth + 1, mayBeEmpty: true)
    return LayerConfiguration.Branch(text, layers)
  }
}

enum BranchKey: String, SectionKey { case name, layers }

extension UInt8 {
  fileprivate var isLetterOrDigit: Bool {
    switch self {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}
