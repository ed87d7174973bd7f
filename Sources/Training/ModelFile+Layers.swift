import Buffers
import Layers

extension ModelFile {
  /// Whether weights of both mean the same, place by place: then they may be added.
  ///
  /// - Throws: `Failure`, which names the first layer in which the models differ or, where all layers have the same weights,
  ///   the first setting.
  public func requireSameLayers(as other: ModelFile, _ path: String, _ otherPath: String) throws {
    let (ours, theirs) = (try Model(self).layout.listedEntries, try Model(other).layout.listedEntries)
    let difference =
      Self.layerDifference(ours.map(\.parameter), theirs.map(\.parameter)) ?? settingDifference(from: other)
    guard let difference else { return }
    throw Failure(
      description: "\(path) and \(otherPath) hold different models: \(difference); give two runs of one model")
  }

  private static func layerDifference(_ ours: [Parameter], _ theirs: [Parameter]) -> String? {
    let place = (0..<max(ours.count, theirs.count)).first { place in
      guard place < ours.count, place < theirs.count else { return true }
      return ours[place].name != theirs[place].name || ours[place].shape != theirs[place].shape
    }
    guard let place else { return nil }
    let (here, there) = (words(ours, place), words(theirs, place))
    return
      "the first layer that differs is \(layer(ours, place) ?? layer(theirs, place) ?? ""), with \(here) and \(there)"
  }

  private static func words(_ parameters: [Parameter], _ place: Int) -> String {
    place < parameters.count ? "\(parameters[place].name) \(parameters[place].shape)" : "no such weights"
  }

  /// `dense1` of `dense1.weight`.
  private static func layer(_ parameters: [Parameter], _ place: Int) -> String? {
    guard place < parameters.count else { return nil }
    let name = parameters[place].name
    return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? name
  }

  private func settingDifference(from other: ModelFile) -> String? {
    for (here, there) in zip(Self.meaning(of: model), Self.meaning(of: other.model)) where here != there {
      return "\(here.key) is \(here.value) in one and \(there.value) in the other"
    }
    guard idFields == nil, normalization != other.normalization else { return nil }
    return "data.normalization is \(normalization.rawValue) in one and \(other.normalization.rawValue) in the other"
  }
}
