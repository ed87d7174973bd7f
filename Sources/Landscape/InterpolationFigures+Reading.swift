import Configuration

private enum FiguresKey: String, SectionKey { case path, places }
private enum PlaceKey: String, SectionKey { case alpha, training, heldOut }
private enum QualityKey: String, SectionKey { case loss, accuracy }

extension InterpolationFigures {
  /// As a stored trial holds them.
  ///
  /// - Throws: `ConfigurationError`, with file, line and key.
  package init(_ node: ConfigurationNode) throws {
    let section = try Section<FiguresKey>(node)
    self.init(
      path: try section.required(.path).choice(), places: try section.required(.places).values(Place.init(stored:)))
  }
}

extension InterpolationFigures.Place {
  fileprivate init(stored node: ConfigurationNode) throws {
    let section = try Section<PlaceKey>(node)
    self.init(
      alpha: try section.required(.alpha).number(.any),
      training: try InterpolationFigures.Figures(stored: try section.required(.training)),
      heldOut: try InterpolationFigures.Figures(stored: try section.required(.heldOut)))
  }
}

extension InterpolationFigures.Figures {
  fileprivate init(stored node: ConfigurationNode) throws {
    let section = try Section<QualityKey>(node)
    self.init(
      loss: try section.required(.loss).figure(), accuracy: try section.optional(.accuracy)?.number(.fraction))
  }
}
