/// How training images are changed at random each time they are read: `data.augmentation`.
public struct AugmentationConfiguration: Encodable, Equatable, Sendable {
  /// Up to so many pixels up or down, and left or right; what comes in from outside is 0 after normalisation.
  public var shift: Int?
  /// Half of the images, left to right.
  public var mirror: Bool
  /// A part of the image becomes the whole.
  public var crop: Crop?
  /// Standard deviation of what is added to each value, after normalisation.
  public var noise: Double?

  /// As torchvision's `RandomResizedCrop`, with its defaults.
  public struct Crop: Encodable, Equatable, Sendable {
    /// The part's share of the image: drawn evenly from between the two.
    public var area: [Double]
    /// Its width ÷ its height: the logarithm is drawn evenly from between theirs.
    public var aspect: [Double]

    /// - Parameters:
    ///   - area: least and greatest, each more than 0 and at most 1.
    ///   - aspect: least and greatest.
    public init(area: [Double] = [0.08, 1], aspect: [Double] = [0.75, 4.0 / 3]) {
      self.area = area
      self.aspect = aspect
    }
  }

  /// Without arguments it changes nothing.
  public init(shift: Int? = nil, mirror: Bool = false, crop: Crop? = nil, noise: Double? = nil) {
    self.shift = shift
    self.mirror = mirror
    self.crop = crop
    self.noise = noise
  }

  /// True where nothing is changed.
  public var isEmpty: Bool { self == AugmentationConfiguration() }
}

enum AugmentationKey: String, SectionKey { case shift, mirror, crop, noise }
enum CropKey: String, SectionKey { case area, aspect }

extension AugmentationConfiguration {
  /// Pixels by which an image may be shifted.
  static let shifts = 1...1 << 15

  init(_ node: ConfigurationNode) throws {
    let section = try Section<AugmentationKey>(node)
    self.init()
    shift = try section.optional(.shift)?.whole(in: Self.shifts)
    mirror = try section[.mirror]?.flag() ?? mirror
    crop = try section.optional(.crop).map(Crop.init)
    noise = try section.optional(.noise)?.number(.positive)
  }
}

extension AugmentationConfiguration.Crop {
  init(_ node: ConfigurationNode) throws {
    let section = try Section<CropKey>(node)
    self.init()
    area = try section[.area].map { try Self.pair($0, "[0.08, 1]", .fraction) } ?? area
    aspect = try section[.aspect].map { try Self.pair($0, "[0.75, 1.3333]", .range(0.01...100)) } ?? aspect
  }

  private static func pair(_ node: ConfigurationNode, _ example: String, _ rule: NumberRule) throws -> [Double] {
    let values = try node.list(example: example, upTo: 2) { try $0.number(rule) }
    guard values.count == 2, values[0] <= values[1] else {
      throw node.error("\(node.path) must be the least and the greatest, such as \(example)")
    }
    return values
  }
}
