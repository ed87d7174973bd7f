import Configuration
import Testing

/// What is multiplied, and what travels.
@Suite struct PrecisionConfigurationTests {
  private let folder = ScratchFolder()

  private func load(_ overrides: String...) throws -> RunConfiguration {
    try RunConfiguration.load(file: folder.write("run.yaml", shortRun), overrides: overrides)
  }

  private func error(_ overrides: String...) throws -> String {
    let file = folder.write("run.yaml", shortRun)
    return try #require(throws: ConfigurationError.self) { try RunConfiguration.load(file: file, overrides: overrides) }
      .description
  }

  @Test func precisionIsOfTheExperimentAndWhoMultipliesIsNot() throws {
    let run = try load("precision=bfloat16", "execution.bfloat16=rounded")
    #expect(run.precision == .bfloat16 && run.execution.bfloat16 == .rounded)
    #expect(try stored(run) == run)
    #expect(try load("precision=float32", "execution.bfloat16=auto") == load())
    #expect(try error("precision=float16").contains("precision is 'float16', not one of float32, bfloat16"))
  }

  @Test func narrowGradientsAreAKeyOfTheExperiment() throws {
    let run = try load("exchangePrecision=bfloat16")
    #expect(run.exchangePrecision == .bfloat16)
    #expect(try stored(run) == run)
    // A file that says nothing is stored as it was before there was the key.
    #expect(try load("exchangePrecision=float32") == load())
    #expect(
      try error("exchangePrecision=float16", "execution.summation=reproducible")
        .contains("exchangePrecision float16 rounds sums as they travel, and execution.summation reproducible is"))
  }

  @Test func errorFeedbackIsForNarrowGradients() throws {
    let run = try load("exchangePrecision=float16", "exchangeErrorFeedback=true")
    #expect(run.exchangePrecision == .float16 && run.exchangeErrorFeedback == true)
    #expect(try stored(run) == run)
    #expect(try load("exchangeErrorFeedback=false") == load())
    #expect(
      try error("exchangeErrorFeedback=true")
        .contains("exchangeErrorFeedback is for gradients that are rounded as they travel: set exchangePrecision"))
  }
}
