/// The candidate that a typing error most likely meant; nil where none is near, or the word is long.
package func nearest(to word: String, among candidates: [String]) -> String? {
  // The distance takes time and memory in proportion to both words.
  guard word.utf8.count <= 256 else { return nil }
  let distances = candidates.map { ($0, editDistance(word.lowercased(), $0.lowercased())) }
  guard let best = distances.min(by: { $0.1 < $1.1 }), best.1 <= max(2, word.count / 3), best.1 < best.0.count else {
    return nil
  }
  return best.0
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (optimal string
/// alignment).
private func editDistance(_ first: String, _ second: String) -> Int {
  let a = Array(first)
  let b = Array(second)
  var table = [[Int]](repeating: Array(0...b.count), count: a.count + 1)
  for i in 0...a.count { table[i][0] = i }
  for i in 1..<a.count + 1 {
    for j in 1..<b.count + 1 {
      let replaced = table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)
      table[i][j] = min(table[i - 1][j] + 1, table[i][j - 1] + 1, replaced)
      if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
        table[i][j] = min(table[i][j], table[i - 2][j - 2] + 1)
      }
    }
  }
  return table[a.count][b.count]
}
