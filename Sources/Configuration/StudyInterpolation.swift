/// What a study says of the way between the final weights of its trials: the section `interpolation`.
public struct StudyInterpolation: Encodable, Equatable, Sendable {
  /// The other end of each trial's way, at α = 0: the trial of the same seed that lies here. The trial itself is at α = 1.
  public var towards: StudyClaim.Place
  /// The shape of the way.
  public var path: InterpolationPath
  /// Places along it, from α = −1 to 2.
  public var points: Int
  /// What batch norm takes.
  public var statistics: BatchNormStatistics
  /// Samples whose statistics are taken together, at most.
  public var batch: Int
  /// Of the order of samples: the same for all trials, which are compared.
  public var seed: UInt64

  /// With a study file's defaults; 25 places are Keskar's.
  public init(
    towards: StudyClaim.Place, path: InterpolationPath = .straight, points: Int = 25,
    statistics: BatchNormStatistics = .batch,
    batch: Int = StudySharpness.usualBatch, seed: UInt64 = 0
  ) {
    self.towards = towards
    self.path = path
    self.points = points
    self.statistics = statistics
    self.batch = batch
    self.seed = seed
  }

  /// Places on a way, for files and flags alike.
  package static let places = 2...10_001
}

/// The shape of a way from weights x₂ to others, x₁, and beyond.
public enum InterpolationPath: String, Codable, CaseIterable, Sendable {
  /// α x₁ + (1 − α) x₂ (Goodfellow, Vinyals and Saxe 2015).
  case straight
  /// sin(α π ÷ 2) x₁ + cos(α π ÷ 2) x₂, which keeps its distance from 0 (Keskar et al. 2017).
  case curved
}

enum InterpolationKey: String, SectionKey { case towards, path, points, statistics, batch, seed }

extension StudyInterpolation {
  /// - Parameter variants: the study's.
  init(_ node: ConfigurationNode, variants: [String]) throws {
    let section = try Section<InterpolationKey>(node)
    let towards = try section.required(.towards)
    self.init(towards: try StudyClaim.Place(try Section(towards), variants: variants))
    guard self.towards.values != AxisValues() else {
      throw towards.error("\(towards.path) says no place: give a value of an axis, such as {globalBatch: 256}")
    }
    path = try section[.path]?.choice() ?? path
    points = try section[.points]?.whole(in: Self.places) ?? points
    statistics = try section[.statistics]?.choice() ?? statistics
    batch = try section[.batch]?.whole(in: StudySharpness.batches) ?? batch
    seed = try section[.seed]?.seed() ?? seed
  }
}
