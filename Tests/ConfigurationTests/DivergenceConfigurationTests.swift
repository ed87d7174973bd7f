import Configuration
import Foundation
import Testing

@Suite struct DivergenceConfigurationTests {
  let folder = ScratchFolder()

  func load(_ text: String, _ overrides: String...) throws -> RunConfiguration {
    try RunConfiguration.load(file: folder.write("run.yaml", text), overrides: overrides)
  }

  @Test func stepsAreLeftOutOnlyWhereAskedFor() throws {
    let plain = try load(shortRun)
    #expect(plain.divergence == nil)
    #expect(try !String(decoding: JSONEncoder().encode(plain), as: UTF8.self).contains("divergence"))
    #expect(try load(shortRun, "divergence={policy: stop}") == plain && load(shortRun, "divergence=null") == plain)
    let run = try load(shortRun, "divergence={policy: skip}")
    #expect(run.divergence == .init(policy: .skip, limit: 10))
    #expect(try load(shortRun, "divergence={policy: skip, limit: 3}").divergence?.limit == 3)
    #expect(try stored(run) == run)
  }

  @Test(arguments: [
    (["divergence={}"], "missing key 'divergence.policy'"),
    (["divergence={policy: skipp}"], "divergence.policy is 'skipp'"),
    (
      ["divergence={policy: stop, limit: 3}"],
      "'divergence.limit' means nothing with divergence.policy stop: it belongs to skip"
    ),
    (["divergence={policy: skip, limit: 0}"], "divergence.limit is 0, but must be at least 1"),
    (["divergence={policy: skip, limits: 3}"], "did you mean 'limit'"),
    (
      ["divergence={policy: skip}", "workers={count: 2, combine: average, localSteps: 4, from: 0}"],
      "divergence is of steps of all ranks, and with workers.combine average each worker makes its own"
    ),
    (
      ["divergence={policy: skip}", "exchangePrecision=float16", "exchangeErrorFeedback=true"],
      "exchangeErrorFeedback would add what rounding took from them"
    ),
  ])
  func whatStepsAreLeftOutIsRefused(overrides: [String], message: String) throws {
    let error = #expect(throws: ConfigurationError.self) {
      try RunConfiguration.load(file: folder.write("run.yaml", shortRun), overrides: overrides)
    }
    #expect(error?.description.contains(message) == true, "\(error?.description ?? "")")
  }
}
