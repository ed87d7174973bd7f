/// The part that labels play in the lines of a text.
public enum ClickLabels: Sendable {
  /// Every line has one, which is read.
  case needed
  /// Every line has one, unless the file's own header says otherwise; it is not looked at.
  case ignored
  /// There are none.
  case absent
}
