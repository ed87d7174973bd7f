import Configuration
import Foundation
import Testing

@Suite struct RunConfigurationTests {
  let folder = ScratchFolder()

  func load(_ text: String, _ overrides: String...) throws -> RunConfiguration {
    try RunConfiguration.load(file: folder.write("run.yaml", text), overrides: overrides)
  }

  @Test func shortFileHasTheDefaults() throws {
    var expected = RunConfiguration(
      model: .mlp(widths: [512, 512], batchNorm: false, dropout: 0),
      data: DataConfiguration(path: "\(folder.path)/data"), globalBatch: 256, epochs: 3)
    #expect(try load(shortRun) == expected)
    expected.microBatch = 64
    #expect(try load(shortRun) == expected)
    #expect(expected.learningRate.base == 0.1)
    #expect(expected.learningRate.baseBatch == 256)
    #expect(expected.optimizer.momentum == 0.9)
    #expect(expected.execution.bucketBytes == .bytes(1_048_576))
    #expect(expected.execution.overlap == .auto)
  }

  @Test(arguments: [(1, 1), (3, 1), (4, 1), (5, 2), (64, 16), (1000, 250), (1024, 256), (65_536, 256)])
  func microBatchFollowsTheGlobalBatch(globalBatch: Int, microBatch: Int) throws {
    #expect(try load(shortRun, "globalBatch=\(globalBatch)").microBatch == microBatch)
  }

  @Test func everyKeyIsRead() throws {
    let run = try load(
      """
      model: {kind: cnn, filters: [8, 16], hidden: 32, batchNorm: true, dropout: 0.25}
      data: {path: /a/b, fallback: ../c, limit: 100, normalization: unit, classes: 47}
      globalBatch: 96
      microBatch: 32
      epochs: 2
      steps: 7
      seed: 18446744073709551615
      ghostBatch: 16
      optimizer: {kind: adamw, beta1: 0.8, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.01, clipNorm: 1}
      learningRate:
        base: 1e-3
        scaling: sqrt
        baseBatch: 32
        schedule: steps
        warmUpEpochs: 0.5
        milestones: [1, 1.5]
        factor: 0.5
      evaluation: {everyEpochs: 2, trainingSet: true}
      execution: {threads: 3, bucketBytes: 1024, overlap: none, summation: reproducible, prefetch: 2}
      """)
    var expected = RunConfiguration(
      model: .cnn(filters: [8, 16], hidden: 32, batchNorm: true, dropout: 0.25),
      data: DataConfiguration(
        path: "/a/b", fallback: (folder.path as NSString).deletingLastPathComponent + "/c", limit: 100,
        normalization: .unit, classes: 47),
      globalBatch: 96, microBatch: 32, epochs: 2, seed: .max)
    expected.steps = 7
    expected.ghostBatch = 16
    expected.optimizer = OptimizerConfiguration(
      kind: .adamw, beta1: 0.8, beta2: 0.99, epsilon: 1e-6, weightDecay: 0.01, clipNorm: 1)
    expected.learningRate = LearningRateConfiguration(
      base: 1e-3, scaling: .squareRoot, baseBatch: 32, schedule: .steps, warmUpEpochs: 0.5, milestones: [1, 1.5],
      factor: 0.5)
    expected.evaluation = EvaluationConfiguration(everyEpochs: 2, trainingSet: true)
    expected.execution = ExecutionConfiguration(
      threads: 3, bucketBytes: .bytes(1024), overlap: .none, summation: .reproducible, prefetch: 2)
    #expect(run == expected)
    #expect(try stored(run) == run)
  }

  @Test func theSizeOfBucketsMayBeLeftOpen() throws {
    let run = try load(shortRun, "execution.bucketBytes=auto")
    #expect(run.execution.bucketBytes == .auto)
    #expect(try stored(run) == run)
    let error = #expect(throws: ConfigurationError.self) { try load(shortRun, "execution.bucketBytes=some") }
    #expect(error?.description.contains("execution.bucketBytes is 'some', not a whole number or auto") == true)
  }

  @Test func rulesForLargeBatchesAreRead() throws {
    let lars = try load(shortRun, "optimizer={kind: lars, denominator: sumOfNorms}")
    #expect(lars.optimizer.denominator == .sumOfNorms && lars.optimizer.trust == 0.001)
    let lamb = try load(
      shortRun, "optimizer={kind: lamb, weightNormAtLeast: 0.5, weightNormAtMost: 10, sharpnessAware: {by: microbatch}}"
    )
    #expect(lamb.optimizer.weightNormAtLeast == 0.5 && lamb.optimizer.weightNormAtMost == 10)
    #expect(lamb.optimizer.sharpnessAware == .init(radius: 0.05, by: .microbatch, adaptive: false))
    for run in [lars, lamb] { #expect(try stored(run) == run) }
  }

  @Test func workersAreRead() throws {
    let adasum = try load(shortRun, "workers={count: 8, combine: adasum}")
    #expect(adasum.workers == .init(count: 8, combine: .adasum))
    // So that each worker has a microbatch; without workers it would be 64.
    #expect(adasum.microBatch == 32)
    let local = try load(shortRun, "workers={count: 2, combine: average, localSteps: 16, from: 1.5}")
    #expect(local.workers == .init(count: 2, combine: .average, localSteps: 16, from: 1.5) && local.microBatch == 64)
    let steps = "learningRate={schedule: steps, milestones: [2]}"
    let milestone = try load(shortRun, steps, "workers={count: 2, combine: average, localSteps: 16}")
    #expect(milestone.workers?.from == nil)
    #expect(
      try load(shortRun, steps, "workers={count: 2, combine: average, localSteps: 16, from: firstMilestone}")
        == milestone)
    for run in [adasum, local, milestone] { #expect(try stored(run) == run) }
    // A file that says nothing is stored as it was before there were the keys.
    let text = String(decoding: try JSONEncoder().encode(load(shortRun)), as: UTF8.self)
    for key in ["workers", "sharpnessAware", "denominator", "weightNorm"] { #expect(!text.contains(key)) }
  }

  @Test func measurementsAreOffUnlessAskedFor() throws {
    let plain = try load(shortRun)
    let text = String(decoding: try JSONEncoder().encode(plain), as: UTF8.self)
    #expect(plain.measure == nil && !text.contains("measure"))
    #expect(try load(shortRun, "measure={}") == plain && load(shortRun, "measure={noiseScale: null}") == plain)
    let run = try load(shortRun, "measure={noiseScale: {}, distances: {everySteps: 3}}")
    #expect(run.measure?.noiseScale?.everySteps == 10 && run.measure?.distances?.everySteps == 3)
    #expect(try stored(run) == run)
    #expect(
      try error { try load(shortRun, "measure.noise={}") }.contains("unknown key 'noise'"))
  }

  @Test func aSavedModelToStartFromIsFoundBesideTheFile() throws {
    #expect(try load(shortRun).from == nil)
    let run = try load(shortRun + "\nfrom: saved/model\n")
    #expect(run.from?.hasSuffix("/saved/model") == true && run.from?.hasPrefix("/") == true)
    #expect(try stored(run) == run)
  }

  @Test func noiseIsSeenBetweenMicrobatches() throws {
    let one = "microBatch=\(try load(shortRun).globalBatch)"
    #expect(
      try error { try load(shortRun, "measure.noiseScale={}", one) }
        .contains(
          "measure.noiseScale compares the microbatches of a global batch, and here is only one: set microBatch"))
    #expect(try load(shortRun, "measure.distances={}", one).measure?.noiseScale == nil)
  }

  @Test func overridesReplaceAndAdd() throws {
    let run = try load(
      shortRun, "learningRate.base=0.5", "globalBatch=512", "model.widths=[16, 8]", "learningRate.base=0.25",
      "model={kind: mlp, widths: [4]}", "steps=5", "steps=null", "data.path=elsewhere", "data.fallback=~/x")
    #expect(run.learningRate.base == 0.25)
    #expect(run.globalBatch == 512)
    #expect(run.microBatch == 128)
    #expect(run.model == .mlp(widths: [4], batchNorm: false, dropout: 0))
    #expect(run.steps == nil)
    #expect(run.data.path == FileManager.default.currentDirectoryPath + "/elsewhere")
    #expect(run.data.fallback == FileManager.default.homeDirectoryForCurrentUser.path + "/x")
  }

  @Test(arguments: [
    ("globlBatch=1", "--set globlBatch: unknown key 'globlBatch' (did you mean 'globalBatch'?)"),
    ("learningRat.base=1", "--set learningRat.base: unknown key 'learningRat' (did you mean 'learningRate'?)"),
    ("learningRate.base=fast", "--set learningRate.base: learningRate.base is 'fast', not a number"),
    ("globalBatch.size=1", "--set globalBatch.size: globalBatch is '256', which has no keys of its own"),
    ("globalBatch=", "--set globalBatch: globalBatch has no value: give a whole number, or remove the key"),
    ("globalBatch", "--set globalBatch: expected key=value, such as --set globalBatch=512"),
    ("=3", "--set =3: expected key=value, such as --set globalBatch=512"),
    ("data..path=3", "--set data..path: a key is a name, or names joined by dots"),
    ("model.widths=[1", "--set model.widths: not valid YAML: did not find expected ',' or ']'"),
    (
      "model.kind=logistic",
      "run.yaml:3: 'model.widths' means nothing with model.kind logistic: it belongs to mlp and deep click models"
    ),
  ])
  func badOverrides(override: String, message: String) throws {
    #expect(try error { try load(shortRun, override) } == message)
  }

  @Test(arguments: [
    // Keys.
    ("globlBatch: 8", ":8: unknown key 'globlBatch' (did you mean 'globalBatch'?)"),
    ("seeed: 8", ":8: unknown key 'seeed' (did you mean 'seed'?)"),
    ("momentum: 0.9", ":8: unknown key 'momentum' (it is a key of optimizer and of axes and of claims.of)"),
    ("axes: {}", ":8: unknown key 'axes' (it is a key of study and of parts)"),
    ("evaluation: {everyEpoch: 2}", ":8: unknown key 'everyEpoch' (did you mean 'everyEpochs'?)"),
    (
      "execution: {colour: 2}",
      ":8: unknown key 'colour': known here are threads, bucketBytes, overlap, summation, balance, arenas, bfloat16, tableExchange, prefetch, timeout, compareEverySteps"
    ),
    ("epochs: 4", ":7: the key 'epochs' stands here more than once"),
    // Types.
    ("seed: -1", ":8: seed is '-1', not a whole number from 0 to 18446744073709551615"),
    ("microBatch: 1.5", ":8: microBatch is '1.5', not a whole number"),
    ("microBatch: 1e2", ":8: microBatch is '1e2', not a whole number"),
    ("microBatch: \"64\"", ":8: microBatch is the text \"64\", not a whole number"),
    ("microBatch: [64]", ":8: microBatch is a list, not a whole number"),
    ("microBatch: {a: 1}", ":8: microBatch is a section, not a whole number"),
    (
      "optimizer: adam",
      ":8: optimizer is 'adam', not a section with keys kind, momentum, nesterov, trust, denominator, beta1, beta2, epsilon, weightNormAtLeast, weightNormAtMost, weightDecay, clipNorm, halfLife, sharpnessAware"
    ),
    ("optimizer: {nesterov: yes}", ":8: optimizer.nesterov is 'yes', not true or false"),
    ("learningRate: {base: .nan}", ":8: learningRate.base is '.nan', not a number"),
    ("learningRate: {base: nan}", ":8: learningRate.base is 'nan', not a number"),
    ("learningRate: {base: inf}", ":8: learningRate.base is 'inf', not a number"),
    (
      "learningRate: {schedule: cosin}",
      ":8: learningRate.schedule is 'cosin', not one of constant, steps, cosine, plateau (did you mean 'cosine'?)"
    ),
    (
      "learningRate: {schedule: [cosine]}",
      ":8: learningRate.schedule is a list, not one of constant, steps, cosine, plateau"
    ),
    (
      "learningRate: {patience: 2}",
      ":8: 'learningRate.patience' means nothing with learningRate.schedule constant: it belongs to plateau"
    ),
    ("evaluation: {keep: first}", ":8: evaluation.keep is 'first', not one of last, best"),
    ("evaluation: {patience: 0}", ":8: evaluation.patience is 0, but must be at least 1"),
    (
      "tables: {l2Rows: all, l2: 0.1}",
      ":8: tables.l2Rows all needs tables.optimizer adam, which moves every row in every update; lazyAdam looks at touched rows only"
    ),
    // Ranges.
    ("microBatch: 0", ":8: microBatch is 0, but must be at least 1"),
    ("microBatch: -64", ":8: microBatch is -64, but must be at least 1"),
    ("steps: 0", ":8: steps is 0, but must be at least 1"),
    ("microBatch: 3000000000", ":8: microBatch is 3000000000, but must be at most 2147483647"),
    ("microBatch: 99999999999999999999", ":8: microBatch is '99999999999999999999', not a whole number"),
    ("optimizer: {momentum: 1}", ":8: optimizer.momentum is 1, but must be at least 0 and less than 1"),
    ("optimizer: {clipNorm: 0}", ":8: optimizer.clipNorm is 0, but must be more than 0"),
    ("optimizer: {weightDecay: -1}", ":8: optimizer.weightDecay is -1, but must be at least 0"),
    ("learningRate: {base: 0}", ":8: learningRate.base is 0, but must be more than 0"),
    ("execution: {prefetch: -1}", ":8: execution.prefetch is -1, but must be at least 0"),
    // Keys that do not go together.
    (
      "optimizer: {kind: adam, momentum: 0.9}",
      ":8: 'optimizer.momentum' means nothing with optimizer.kind adam: it belongs to sgd or lars"
    ),
    (
      "optimizer: {beta1: 0.9}",
      ":8: 'optimizer.beta1' means nothing with optimizer.kind sgd: it belongs to adam, adamw or lamb"
    ),
    (
      "optimizer: {denominator: sumOfNorms}",
      ":8: 'optimizer.denominator' means nothing with optimizer.kind sgd: it belongs to lars"
    ),
    (
      "optimizer: {kind: adam, weightNormAtMost: 10}",
      ":8: 'optimizer.weightNormAtMost' means nothing with optimizer.kind adam: it belongs to lamb"
    ),
    (
      "optimizer: {kind: lamb, weightNormAtLeast: 2, weightNormAtMost: 1}",
      ":8: optimizer.weightNormAtLeast is 2.0, more than weightNormAtMost, 1.0"
    ),
    (
      "optimizer: {sharpnessAware: {radius: 0}}",
      ":8: optimizer.sharpnessAware.radius is 0, but must be more than 0"
    ),
    (
      "optimizer: {sharpnessAware: {by: rank}}",
      ":8: optimizer.sharpnessAware.by is 'rank', not one of global, microbatch"
    ),
    ("workers: {combine: adasum}", ":8: missing key 'workers.count'"),
    ("workers: {count: 2}", ":8: missing key 'workers.combine'"),
    (
      "workers: {count: 300, combine: adasum}",
      ":8: workers.count is 300, more than the 256 samples of a global batch"
    ),
    ("workers: {count: 2, combine: average, from: 0}", ":8: missing key 'workers.localSteps'"),
    (
      "workers: {count: 2, combine: adasum, localSteps: 4}",
      ":8: 'workers.localSteps' means nothing with workers.combine adasum: it belongs to average"
    ),
    (
      "workers: {count: 2, combine: average, localSteps: 4}",
      ":8: workers go by themselves from the learning rate's first milestone on, and it has none: set workers.from to a number of epochs (0: from the start), or learningRate.schedule to steps"
    ),
    (
      "workers: {count: 2, combine: average, localSteps: 4, from: -1}",
      ":8: workers.from is -1, but must be from 0.0 to 2147483647.0"
    ),
    (
      "optimizer: {momentum: 0, nesterov: true}",
      ":8: optimizer.nesterov is true, but there is no momentum to look ahead along: set momentum above 0"
    ),
    (
      "learningRate: {milestones: [1]}",
      ":8: 'learningRate.milestones' means nothing with learningRate.schedule constant: it belongs to steps"
    ),
    (
      "tables: {optimizer: sgd, beta1: 0.9}",
      ":8: 'tables.beta1' means nothing with tables.optimizer sgd: it belongs to adam or lazyAdam"
    ),
    ("tables: {l1: 0.1}", ":8: 'tables.l1' means nothing with tables.optimizer lazyAdam: it belongs to ftrl"),
    (
      "tables: {optimizer: ftrl}\nlearningRate: {schedule: cosine}",
      ":8: tables.optimizer ftrl needs a constant learning rate without warm-up and batchSchedule, as a falling rate shrinks all its weights: give it one with 'tables.learningRate'"
    ),
    ("tables: {cowClip: {ratio: 0}}", ":8: tables.cowClip.ratio is 0, but must be more than 0"),
    ("tables: {cowClip: {zeta: 1}}", ":8: unknown key 'zeta': known here are ratio, floor"),
    (
      "tables: {learningRate: {scaling: linear}}",
      ":8: missing key 'tables.learningRate.baseBatch': a rate that scales needs the global batch at which 'base' is right"
    ),
    ("learningRate: {schedule: steps}", ":8: missing key 'learningRate.milestones'"),
    (
      "learningRate: {schedule: steps, milestones: []}",
      ":8: learningRate.milestones is an empty list: give at least one value, such as [30, 60]"
    ),
    (
      "learningRate: {schedule: steps, milestones: [2, 1]}",
      ":8: learningRate.milestones must rise from one to the next"
    ),
    (
      "learningRate: {scaling: linear}",
      ":8: missing key 'learningRate.baseBatch': a rate that scales needs the global batch at which 'base' is right"
    ),
    (
      "ghostBatch: 48", ":8: ghostBatch is 48, which does not divide microBatch, 64: set microBatch to a multiple of it"
    ),
    // YAML.
    ("a: b: c", ":8: not valid YAML: mapping values are not allowed in this context"),
  ])
  func badLine(line: String, message: String) throws {
    #expect(try error { try load(shortRun + line) } == "run.yaml" + message)
  }

  @Test(arguments: [
    ("globalBatch: 256", "", "run.yaml: missing key 'globalBatch'"),
    ("globalBatch: 256", "globalBatch: abc", "run.yaml:6: globalBatch is 'abc', not a whole number"),
    ("globalBatch: 256", "globalBatch: 0", "run.yaml:6: globalBatch is 0, but must be at least 1"),
    ("globalBatch: 256", "globalBatch: -1", "run.yaml:6: globalBatch is -1, but must be at least 1"),
    ("globalBatch: 256", "globalBatch: NaN", "run.yaml:6: globalBatch is 'NaN', not a whole number"),
    (
      "globalBatch: 256", "globalBatch:", "run.yaml:6: globalBatch has no value: give a whole number, or remove the key"
    ),
    ("epochs: 3", "", "run.yaml: missing key 'epochs'"),
    ("path: data", "{}", "run.yaml:5: missing key 'data.path'"),
    ("path: data", "path: ''", "run.yaml:5: data.path is the text \"\", not a text"),
    (
      "kind: mlp", "kind: mpl",
      "run.yaml:2: model.kind is 'mpl', not one of layers, mlp, cnn, logistic, resnet, keskarC1, factorizationMachine, deepfm, wideAndDeep, dlrm, dcnv2 (did you mean 'mlp'?)"
    ),
    (
      "kind: mlp", "kind: cnn",
      "run.yaml:3: 'model.widths' means nothing with model.kind cnn: it belongs to mlp and deep click models"
    ),
    ("kind: mlp", "batchNorm: false", "run.yaml:2: missing key 'model.kind'"),
    (
      "widths: [512, 512]", "filters: [1]",
      "run.yaml:3: 'model.filters' means nothing with model.kind mlp: it belongs to cnn"
    ),
    ("widths: [512, 512]", "widths: 512", "run.yaml:3: model.widths is '512', not a list such as [512, 512]"),
    ("widths: [512, 512]", "widths: [512, x]", "run.yaml:3: model.widths[1] is 'x', not a whole number"),
    (
      "widths: [512, 512]", "widths: []",
      "run.yaml:3: model.widths is an empty list: give at least one value, such as [512, 512]"
    ),
    (
      "widths: [512, 512]", "widths: [99999999]", "run.yaml:3: model.widths[0] is 99999999, but must be at most 1048576"
    ),
    (shortRun, "", "run.yaml: the file is empty"),
    (shortRun, "# nothing\n", "run.yaml: the file is empty"),
    (
      shortRun, "- a\n",
      "run.yaml: the file is a list, not a section with keys model, data, globalBatch, batchSchedule, regimeBatch, microBatch, epochs, steps, seed, ghostBatch, precision, exchangePrecision, exchangeErrorFeedback, workers, optimizer, learningRate, tables, divergence, evaluation, contrastive, measure, execution, checkpoint, from"
    ),
    (shortRun, "[", "run.yaml:2: not valid YAML: did not find expected node content"),
    (shortRun, "a: 1\n---\nb: 1\n", "run.yaml:2: not valid YAML: but found another document"),
    (shortRun, "a: *b\n", "run.yaml:1: not valid YAML: found undefined alias"),
    (shortRun, "a: \u{1}\n", "run.yaml: not valid YAML: control characters are not allowed"),
  ])
  func badFile(old: String, new: String, message: String) throws {
    #expect(try error { try load(shortRun.replacingOccurrences(of: old, with: new)) } == message)
  }

  private static let clickRun = """
    model: {kind: deepfm, embedding: 8, embeddingDeviation: 0.001, widths: [32, 16], dropout: 0.1}
    data: {path: /a, schema: /b.yaml, evaluateOn: validation}
    globalBatch: 1024
    epochs: 1
    tables:
      optimizer: lazyAdam
      learningRate: {base: 1e-4}
      beta1: 0.8
      epsilon: 1e-7
      l2: 1e-5
      l2Scaling: linear
      cowClip: {ratio: 0.5, floor: 1e-4}
    execution: {tableExchange: sparse}

    """

  @Test func clickModelIsRead() throws {
    let run = try load(Self.clickRun)
    var model = ClickModelConfiguration(kind: .deepfm, embedding: 8, embeddingDeviation: 0.001, widths: [32, 16])
    model.dropout = 0.1
    var tables = TablesConfiguration()
    tables.learningRate = LearningRateConfiguration(base: 1e-4, baseBatch: 1024)
    (tables.beta1, tables.epsilon, tables.l2, tables.l2Scaling) = (0.8, 1e-7, 1e-5, .linear)
    tables.cowClip = .init(ratio: 0.5, floor: 1e-4)
    #expect(run.model == .click(model))
    #expect(run.tables == tables)
    #expect(run.execution.tableExchange == .sparse)
    #expect(run.data.schema == "/b.yaml" && run.data.evaluateOn == .validation)
  }

  @Test func whatValidationDecidesIsRead() throws {
    let run = try load(
      Self.clickRun, "tables={optimizer: adam, l2: 1e-5, idWeightsL2: 0, l2Rows: all}",
      "learningRate={base: 0.001, schedule: plateau, factor: 0.5, patience: 3}",
      "evaluation={keep: best, by: auc, patience: 2}")
    #expect(run.tables.l2 == 1e-5 && run.tables.idWeightsL2 == 0 && run.tables.l2Rows == .all)
    #expect(run.learningRate.schedule == .plateau && run.learningRate.factor == 0.5 && run.learningRate.patience == 3)
    #expect(run.evaluation.keep == .best && run.evaluation.by == .auc && run.evaluation.patience == 2)
  }

  @Test(arguments: [
    (
      "model={kind: dlrm, widths: [4], bottomWidths: [8]}",
      ClickModelConfiguration(kind: .dlrm, widths: [4], bottomWidths: [8])
    ),
    // Data without dense values need no more.
    ("model={kind: dlrm, widths: [4]}", ClickModelConfiguration(kind: .dlrm, widths: [4], bottomWidths: nil)),
    (
      "model={kind: dcnv2, widths: [4], crossLayers: 2}",
      ClickModelConfiguration(kind: .dcnv2, widths: [4], crossLayers: 2)
    ),
    (
      "model={kind: deepfm, widths: [4], batchNorm: true}",
      ClickModelConfiguration(kind: .deepfm, widths: [4], batchNorm: true)
    ),
    (
      "model={kind: deepfm, widths: [4], batchNorm: false}", ClickModelConfiguration(kind: .deepfm, widths: [4])
    ),
    ("model={kind: wideAndDeep, widths: [4]}", ClickModelConfiguration(kind: .wideAndDeep, widths: [4])),
    (
      "model={kind: factorizationMachine, embedding: 4}",
      ClickModelConfiguration(kind: .factorizationMachine, embedding: 4)
    ),
  ])
  func clickModelKind(override: String, model: ClickModelConfiguration) throws {
    #expect(try load(Self.clickRun, override).model == .click(model))
  }

  @Test(arguments: [
    ("model={kind: deepfm}", "model: missing key 'model.widths'"),
    (
      "model={kind: factorizationMachine, widths: [4]}",
      "model: 'model.widths' means nothing with model.kind factorizationMachine: it belongs to a model with a deep part"
    ),
    (
      "model={kind: deepfm, widths: [4], crossLayers: 2}",
      "model: 'model.crossLayers' means nothing with model.kind deepfm: it belongs to dcnv2"
    ),
    (
      "model={kind: factorizationMachine, batchNorm: true}",
      "model: 'model.batchNorm' means nothing with model.kind factorizationMachine: it belongs to a model with a deep part"
    ),
    (
      "model={kind: logistic, embedding: 4}",
      "model: 'model.embedding' means nothing with model.kind logistic: it belongs to a click model"
    ),
  ])
  func badClickModel(override: String, message: String) throws {
    #expect(try error { try load(Self.clickRun, override) } == "--set \(message)")
  }

  @Test func fileThatCannotBeRead() throws {
    #expect(
      try error { try RunConfiguration.load(file: "\(folder.path)/none.yaml") } == "none.yaml: there is no such file")
    #expect(try error { try RunConfiguration.load(file: folder.path) }.hasSuffix(": this is a folder, not a YAML file"))
    let bytes = "\(folder.path)/bytes.yaml"
    try Data([0x1F, 0x8B, 0xFF, 0x00]).write(to: URL(fileURLWithPath: bytes))
    #expect(
      try error { try RunConfiguration.load(file: bytes) }
        == "bytes.yaml: not a YAML file: its bytes are not UTF-8 text")
  }

  /// The text of the error that `load` throws, without this test's folder.
  func error(_ load: () throws -> RunConfiguration) throws -> String {
    let error = try #require(throws: ConfigurationError.self) { _ = try load() }
    return error.description.replacingOccurrences(of: folder.path + "/", with: "")
  }
}
