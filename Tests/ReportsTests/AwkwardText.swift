/// Characters of a name that act somewhere.
enum AwkwardText {
  /// Escape sequences and a bell, HTML, links, Markdown, quotes, a newline, marks that hide what they are combined with, a
  /// bidirectional control.
  static let everything =
    "\u{1B}[2J\u{7}\0<script>alert(1)</script>|`x`[a](javascript:b)\\\"'&]]>\nlockstep: forged\r\u{2028}*_#\u{202E}"
    + "<\u{301}b>|\u{301}\"\u{301}"

  /// A formula that a spreadsheet would run.
  static let formulas = ["=HYPERLINK(\"a\")", "+1+1", "-2", "@SUM(A1)", "\t=1", "\r=1", "\n=1"]
}
