"""The lowest floor: checks of arguments, keyed random streams, files, arrays, and the version."""
