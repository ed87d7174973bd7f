/// Where to part numbers into equal shares.
enum ClickQuantiles {
  /// The numbers at the places ⌊kN ÷ `shares`⌋, k from 1, among N in their order, counted from 0. They rise: what is
  /// met again, and the least number, below which nothing lies, are left out, so that no share of the given numbers is
  /// empty.
  ///
  /// - Parameter numbers: They rise.
  static func boundaries(_ numbers: [(value: Double, occurrences: Int)], shares: Int) -> [Double] {
    guard var last = numbers.first?.value else { return [] }
    let total = numbers.reduce(0) { $0 + $1.occurrences }
    var boundaries: [Double] = []
    var passed = 0
    var share = 1
    for number in numbers {
      passed += number.occurrences
      guard share < shares, share * total / shares < passed else { continue }
      if number.value > last { boundaries.append(number.value) }
      last = number.value
      while share < shares, share * total / shares < passed { share += 1 }
    }
    return boundaries
  }
}
