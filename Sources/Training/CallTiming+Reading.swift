import Configuration

private enum CallTimesKey: String, SectionKey {
  case calls, medianSeconds, lowerQuartileSeconds, upperQuartileSeconds, cpuSeconds
}

extension CallTimes {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<CallTimesKey>(node)
    calls = try section.required(.calls).whole()
    medianSeconds = try section.required(.medianSeconds).number(.amount)
    lowerQuartileSeconds = try section.required(.lowerQuartileSeconds).number(.amount)
    upperQuartileSeconds = try section.required(.upperQuartileSeconds).number(.amount)
    cpuSeconds = try section.required(.cpuSeconds).number(.amount)
    guard lowerQuartileSeconds <= medianSeconds, medianSeconds <= upperQuartileSeconds else {
      throw node.error("\(node.path): the median must lie between the quartiles")
    }
  }
}

private enum CallTimingKey: String, SectionKey { case examples, prediction, training }

extension CallTiming {
  package init(_ node: ConfigurationNode) throws {
    let section = try Section<CallTimingKey>(node)
    self.init(
      examples: try section.required(.examples).whole(),
      prediction: try section.optional(.prediction).map(CallTimes.init),
      training: try section.optional(.training).map(CallTimes.init))
  }
}
