/// Every section of the files with its keys.
package enum Schema {
  /// Section names are dotted paths; the run's own is empty.
  package static let sections: [(name: String, keys: [String])] = [
    ("", names(RunKey.self)),
    ("batchSchedule", names(BatchScheduleKey.self)),
    ("model", names(ModelKey.self)),
    ("model.layers", names(LayerKey.self)),
    ("model.layers.*", names(LayerParameterKey.self)),
    ("data", names(DataKey.self)),
    ("data.validation", names(ValidationKey.self)),
    ("data.negatives", names(NegativesKey.self)),
    ("data.augmentation", names(AugmentationKey.self)),
    ("data.augmentation.crop", names(CropKey.self)),
    ("workers", names(WorkersKey.self)),
    ("optimizer", names(OptimizerKey.self)),
    ("optimizer.sharpnessAware", names(SharpnessAwareKey.self)),
    ("learningRate", names(LearningRateKey.self)),
    ("tables", names(TablesKey.self)),
    ("tables.cowClip", names(CowClipKey.self)),
    ("evaluation", names(EvaluationKey.self)),
    ("contrastive", names(ContrastiveKey.self)),
    ("measure", names(MeasureKey.self)),
    ("measure.noiseScale", names(NoiseScaleKey.self)),
    ("measure.distances", names(DistancesKey.self)),
    ("execution", names(ExecutionKey.self)),
    ("checkpoint", names(CheckpointKey.self)),
    ("study", names(StudyKey.self)),
    ("axes", names(Axis.self)),
    ("cost", names(CostKey.self)),
    ("target", names(TargetKey.self)),
    ("timing", names(TimingKey.self)),
    ("variants", names(VariantKey.self)),
    ("calls", names(CallsKey.self)),
    ("search", names(SearchKey.self)),
    ("search.*", names(StudySearch.Scale.self)),
    ("sharpness", names(SharpnessKey.self)),
    ("claims", names(ClaimKey.self)),
    ("claims.of", names(PlaceKey.self)),
    ("parts", names(PartKey.self)),
  ]

  private static func names<Key: SectionKey>(_: Key.Type) -> [String] { Key.allCases.map(\.rawValue) }
}
