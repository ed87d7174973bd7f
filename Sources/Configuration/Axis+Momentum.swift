extension Axis {
  /// SGD's momentum.
  public static let momentum = Axis.number(
    "momentum", title: "Momentum", runKey: "optimizer.momentum", effects: .quality, example: "[0, 0.9]",
    \.optimizer.momentum, .belowOne)
}
