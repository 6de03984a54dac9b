"""What people see: text, Markdown and HTML, all pure functions of one plain dictionary."""
