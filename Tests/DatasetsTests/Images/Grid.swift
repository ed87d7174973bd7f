/// The values of an image, row by row, each pixel's channels side by side.
func grid<Value>(_ height: Int, _ width: Int, _ channels: Int, _ value: (Int, Int, Int) -> Value) -> [Value] {
  var values: [Value] = []
  for row in 0..<height {
    for column in 0..<width {
      for channel in 0..<channels { values.append(value(row, column, channel)) }
    }
  }
  return values
}
