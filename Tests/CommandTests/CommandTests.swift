import Testing

/// The commands, run as a user runs them. A test holds one of the threads that tests run on while its processes run, and there are as many
/// as cores: so many at a time.
@Suite struct CommandTests {}
