/// Count, mean and spread of numbers, in one pass; parts may be joined (Chan, Golub and LeVeque 1983).
struct ClickMoments {
  private(set) var count = 0.0
  private(set) var mean = 0.0
  /// Sum of the squared distances from the mean.
  private(set) var squares = 0.0

  mutating func add(_ value: Double) {
    count += 1
    let distance = value - mean
    mean += distance / count
    squares += distance * (value - mean)
  }

  mutating func join(_ other: ClickMoments) {
    guard other.count > 0 else { return }
    let total = count + other.count
    let distance = other.mean - mean
    squares += other.squares + distance * distance * count * other.count / total
    mean += distance * other.count / total
    count = total
  }

  /// Standard deviation of the numbers themselves, not an estimate for more of them; 1 where all are the same.
  var deviation: Double { squares > 0 ? (squares / count).squareRoot() : 1 }
}
