extension Axis {
  /// Of what products and convolutions multiply.
  public static let precision = Axis.choice(
    "precision", title: "Precision", runKey: "precision", effects: [.execution, .quality],
    example: "[float32, bfloat16]", \.computePrecision)

  /// Of gradients on their way between ranks.
  public static let exchangePrecision = Axis.choice(
    "exchangePrecision", title: "Wire", runKey: "exchangePrecision", effects: [.execution, .quality],
    example: "[float32, bfloat16]", \.travellingPrecision)
}
