import Configuration

/// A run's evaluations so far, and what follows from them. A pure function of the account: resuming needs no state of its own.
package struct EvaluationCourse {
  private let figures: [Double]

  /// - Parameter figures: one an evaluation, in order; higher is better.
  package init(_ figures: [Double]) { self.figures = figures }

  init(_ records: [EpochRecord], by figure: EvaluationConfiguration.Figure?) {
    self.init(records.compactMap { $0.validation?.figure(figure ?? .loss) })
  }

  /// The place in `figures`; the first of equals. nil where none is a number.
  private var best: Int? {
    let numbers = figures.indices.filter { !figures[$0].isNaN }
    return numbers.max { figures[$0] < figures[$1] || (figures[$0] == figures[$1] && $0 > $1) }
  }

  /// Whether no evaluation before the last was as good.
  package var lastIsBest: Bool { best != nil && best == figures.indices.last }

  /// Evaluations since the best one.
  package var sinceBest: Int { best.map { figures.count - 1 - $0 } ?? figures.count }

  /// How often `patience` evaluations in a row brought nothing better than all before them; after each the count begins anew, as
  /// `torch.optim.lr_scheduler.ReduceLROnPlateau` has it without a threshold and with a patience of one less.
  package func plateaus(patience: Int) -> Int {
    var (best, without, plateaus) = (-Double.infinity, 0, 0)
    for figure in figures {
      if figure > best { (best, without) = (figure, 0) } else { without += 1 }
      if without == patience { (plateaus, without) = (plateaus + 1, 0) }
    }
    return plateaus
  }
}

/// How often each rate has fallen on a plateau; of a rate with another schedule it means nothing.
struct Plateaus {
  var (ofDense, ofTables) = (0, 0)
}

extension Plateaus {
  init(_ course: EvaluationCourse, _ configuration: RunConfiguration) {
    ofDense = course.plateaus(patience: configuration.learningRate.patience ?? 1)
    ofTables = course.plateaus(patience: configuration.tableRate.patience ?? 1)
  }
}

extension Quality {
  /// Oriented so that higher is better.
  fileprivate func figure(_ figure: EvaluationConfiguration.Figure) -> Double {
    switch figure {
    case .loss: -loss
    case .auc: areaUnderCurve ?? .nan
    case .accuracy: accuracy
    }
  }
}

extension EvaluationConfiguration {
  /// For people.
  public var figureName: String {
    switch by ?? .loss {
    case .loss: "loss"
    case .auc: "AUC"
    case .accuracy: "accuracy"
    }
  }
}
