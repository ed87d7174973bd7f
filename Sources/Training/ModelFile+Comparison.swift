import Batches
import Buffers
import Configuration
import Datasets

extension ModelFile {
  /// Whether samples of `data` mean to this model what those meant that it learnt from.
  ///
  /// - Parameter remedy: besides converting the data as the model's were.
  /// - Throws: `Failure`, which names the first field in which they differ.
  public func requireFits(_ data: any Dataset, at path: String, remedy: String = "") throws {
    if let difference = difference(from: data) { throw Self.misfit(difference, path, remedy) }
  }

  static func misfit(_ difference: String, _ path: String, _ remedy: String = "") -> Failure {
    Failure(
      description:
        "\(path): other data than this model learnt from: \(difference); convert it with the model's own schema\(remedy)"
    )
  }

  /// Whether a run that starts from this model goes on with what it is. Settings that only change how training goes on
  /// may differ: batches, rates, dropout, starting values, and, where the run says it itself, how many samples batch
  /// norm takes.
  ///
  /// - Throws: `Failure`, which names the first key in which they differ.
  func requireContinued(by run: RunConfiguration, at path: String) throws {
    let (ours, theirs) = (Self.meaning(of: run.model), Self.meaning(of: model))
    for (here, there) in zip(ours, theirs) where here != there {
      throw Self.discontinuity(path, there.key, here.value, there.value, "set it as it is there")
    }
    if run.contrastive?.head != contrastive?.head {
      throw Self.discontinuity(
        path, "contrastive.head", run.contrastive.map { "\($0.head)" } ?? "not there",
        contrastive.map { "\($0.head)" } ?? "not there", "set it as it is there")
    }
    if idFields == nil, run.data.normalization != normalization {
      throw Self.discontinuity(
        path, "data.normalization", run.data.normalization.rawValue, normalization.rawValue, "set it as it is there")
    }
    if model.hasBatchNorm, run.ghostBatch == nil, run.microBatch != ghostBatch {
      throw Self.discontinuity(
        path, "ghostBatch", "\(run.microBatch)", "\(ghostBatch)",
        "set it in the run file, to \(ghostBatch) or, where another is meant, to that")
    }
  }

  private static func discontinuity(_ path: String, _ key: String, _ here: String, _ there: String, _ remedy: String)
    -> Failure
  {
    Failure(
      description:
        "\(path): this run would go on with another model: \(key) is \(here) here and \(there) there; \(remedy)")
  }

  struct Setting: Equatable {
    var key: String
    var value: String
  }

  /// Settings without which weights of the same shapes mean different things; for models of another kind, only the
  /// kind.
  static func meaning(of model: ModelConfiguration) -> [Setting] {
    var settings = [Setting(key: "model.kind", value: model.name)]
    switch model {
    case .mlp(let widths, let batchNorm, _):
      settings += [
        .init(key: "model.widths", value: "\(widths)"), .init(key: "model.batchNorm", value: "\(batchNorm)"),
      ]
    case .cnn(let filters, let hidden, let batchNorm, _):
      settings += [
        .init(key: "model.filters", value: "\(filters)"), .init(key: "model.hidden", value: "\(hidden)"),
        .init(key: "model.batchNorm", value: "\(batchNorm)"),
      ]
    case .layers(let list): settings.append(.init(key: "model.layers", value: list.withoutDropout))
    case .resnet(let depth, let width, let normalization):
      settings += [
        .init(key: "model.depth", value: "\(depth)"), .init(key: "model.width", value: "\(width)"),
        .init(key: "model.normalization", value: normalization?.rawValue ?? "batch"),
      ]
    case .click(let model):
      settings += [
        .init(key: "model.embedding", value: "\(model.embedding)"),
        .init(key: "model.widths", value: "\(model.widths)"),
        .init(key: "model.bottomWidths", value: "\(model.bottomWidths ?? [])"),
        .init(key: "model.crossLayers", value: "\(model.crossLayers)"),
        .init(key: "model.batchNorm", value: "\(model.batchNorm ?? false)"),
      ]
    case .logistic, .keskarC1, .custom: break
    }
    return settings
  }

  private func difference(from data: any Dataset) -> String? {
    if let schema, let other = data.clickSchema { return schema.difference(from: other) }
    if let difference = (idFields ?? .none).difference(from: data.idFields ?? .none) { return difference }
    if inputShape != data.inputShape { return "samples are \(data.inputShape), the model's are \(inputShape)" }
    if classes != data.classes { return "it has \(data.classes) classes, the model \(classes)" }
    return nil
  }
}

extension ModelConfiguration {
  fileprivate var hasBatchNorm: Bool {
    switch self {
    case .mlp(_, let batchNorm, _), .cnn(_, _, let batchNorm, _): batchNorm
    case .resnet(_, _, let normalization): normalization == nil
    case .keskarC1: true
    case .layers(let list): LayerConfiguration.all(of: list).contains { $0.entry.kind == .batchNorm }
    case .click(let model): model.batchNorm ?? false
    case .logistic, .custom: false
    }
  }
}

extension [LayerConfiguration] {
  /// In words; dropout says nothing about what weights mean.
  fileprivate var withoutDropout: String {
    LayerConfiguration.lines(self).filter { !$0.contains("- dropout:") }
      .map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: " ")
  }
}

extension IDFields {
  fileprivate static let none = IDFields(names: [], cardinalities: [])

  /// In words, seen from the model; nil where they are the same.
  fileprivate func difference(from data: IDFields) -> String? {
    for (index, name) in names.enumerated() {
      guard index < data.count, data.names[index] == name else {
        return "field \(index + 1) is \(data.names.named(index)), the model's is '\(name)'"
      }
      if cardinalities[index] != data.cardinalities[index] {
        return "field '\(name)' has \(data.cardinalities[index]) ids, the model's \(cardinalities[index])"
      }
    }
    if let field = (0..<min(count, data.count)).first(where: { bag($0) != data.bag($0) }) {
      return "field '\(names[field])' holds \(data.bag(field).words), the model's \(bag(field).words)"
    }
    return data.count > count ? "it has a field '\(data.names[count])', which the model does not" : nil
  }
}

extension ClickSchema {
  /// In words, seen from the model; nil where text becomes the same numbers. Names of data sets do not matter.
  func difference(from data: ClickSchema) -> String? {
    if let difference = idFields.difference(from: data.idFields) { return difference }
    for (mine, other) in zip(fields, data.fields) where mine.values != other.values {
      return "field '\(mine.column)' has its values parted in another way"
    }
    for (mine, other) in zip(fields, data.fields) where mine.encoding != other.encoding {
      return "field '\(mine.column)' turns text into ids in another way (\(other.encoding.kind), the model's: "
        + "\(mine.encoding.kind), with what it learnt from its own training data)"
    }
    let names = dense.map(\.column)
    let others = data.dense.map(\.column)
    for (index, name) in names.enumerated() where index >= others.count || others[index] != name {
      return "dense value \(index + 1) is \(others.named(index)), the model's is '\(name)'"
    }
    if others.count > names.count { return "it has a dense value '\(others[names.count])', which the model does not" }
    for (mine, other) in zip(dense, data.dense) where mine != other {
      return "dense value '\(mine.column)' is scaled in another way (transform \(other.transform.rawValue), mean "
        + "\(other.mean), deviation \(other.deviation), missing \(other.missing); the model's: "
        + "\(mine.transform.rawValue), \(mine.mean), \(mine.deviation), \(mine.missing))"
    }
    return nil
  }
}

extension IDBag? {
  fileprivate var words: String {
    map {
      $0.atMost == 1
        ? "a value or none" : "up to \($0.atMost) values, of which a model sees the \($0.isMean ? "mean" : "sum")"
    }
      ?? "one value"
  }
}

extension ClickSchema.IDColumn.Encoding {
  fileprivate var kind: String {
    switch self {
    case .integer: "integer"
    case .hash(let buckets): "hash to \(buckets) buckets"
    case .vocabulary(let minimumCount, let texts): "vocabulary of \(texts.count) texts seen \(minimumCount) times"
    case .buckets(let boundaries, _): "\(boundaries.count) boundaries"
    }
  }
}

extension [String] {
  fileprivate func named(_ index: Int) -> String { index < count ? "'\(self[index])'" : "missing" }
}
