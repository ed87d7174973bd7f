extension Axis {
  /// Of gradients on their way between ranks.
  public static let exchangePrecision = Axis.choice(
    "exchangePrecision", title: "Wire", runKey: "exchangePrecision", effects: [.execution, .quality],
    example: "[float32, bfloat16]", \.travellingPrecision)
}
