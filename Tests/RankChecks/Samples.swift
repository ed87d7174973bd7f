import MessagePassing

/// Element `index` of `rank`, from 0 to 10: so small that sums of a dozen ranks are exact in every type.
func sample(_ rank: Int, _ index: Int) -> Int { (rank * 31 + index * 7) % 11 }

func samples<Element: MessageElement & Numeric>(
  _ rank: Int, _ count: Int, of _: Element.Type = Element.self
) -> [Element] {
  (0..<count).map { Element(exactly: sample(rank, $0))! }
}

/// The result that one rank computes alone for an element-wise reduction over all ranks.
func reduced<Element: MessageElement & Numeric>(
  _ ranks: Int, _ count: Int, _ combine: (Element, Element) -> Element
) -> [Element] {
  let all = (0..<ranks).map { samples($0, count, of: Element.self) }
  return all.dropFirst().reduce(all[0]) { zip($0, $1).map(combine) }
}
