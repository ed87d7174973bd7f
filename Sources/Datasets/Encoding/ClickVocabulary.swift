extension TextDictionary {
  /// The ids of a vocabulary: the n-th text has id n, from 1; 0 is what is not listed.
  convenience init(idsOf texts: [String]) {
    self.init(capacity: texts.count)
    for (index, var text) in texts.enumerated() {
      text.withUTF8 { add(TextKey(TextSpan(UnsafeRawBufferPointer($0))), number: UInt32(index + 1)) }
    }
  }
}

extension ClickSchema.IDColumn {
  /// The texts of its vocabulary; none where it has none.
  var vocabulary: [String] {
    if case .vocabulary(_, let texts) = encoding { return texts }
    return []
  }
}
