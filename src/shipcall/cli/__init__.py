"""The command line: parse -> one app function -> view -> print."""
