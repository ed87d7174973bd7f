import Testing

/// The commands, run as a user runs them. All of these start processes that want every core: one after the other.
@Suite(.serialized) struct CommandTests {}
