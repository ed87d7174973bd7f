import Configuration
import Testing

@Suite struct LearningRateConfigurationTests {
  @Test func milestonesRise() throws {
    let file = ScratchFolder()
    let path = file.write("run.yaml", shortRun)
    let steps = ["learningRate.schedule=steps", "learningRate.milestones="]
    for milestones in ["[1, 1]", "[2, 1]"] {
      let error = #expect(throws: ConfigurationError.self) {
        _ = try RunConfiguration.load(file: path, overrides: [steps[0], steps[1] + milestones])
      }
      #expect(error?.description.contains("must rise from one to the next") == true)
    }
  }

  @Test func rulesScaleTheBase() {
    func rate(_ scaling: LearningRateConfiguration.Scaling) -> Double {
      LearningRateConfiguration(base: 0.5, scaling: scaling, baseBatch: 64).scaledRate(globalBatch: 1024)
    }
    #expect(rate(.none) == 0.5 && rate(.linear) == 8 && rate(.squareRoot) == 2)
  }
}
