extension Axis {
  /// The learning rate at `learningRate.baseBatch`.
  public static let learningRate = Axis.number(
    "learningRate", title: "Base rate", runKey: "learningRate.base", effects: .quality, example: "[0.01, 0.1]",
    \.learningRate.base, .positive)

  /// The rate of the rows of tables there, beside the dense weights' own.
  public static let tableRate = Axis(
    key: "tableRate", title: "Tables' rate", runKey: "tables.baseRate", effects: .quality, example: "[0.001, 0.01]",
    read: { .number(try $0.number(.positive)) },
    set: { value, run in if case .number(let rate) = value { run.tables.baseRate = rate } })
}
