"""What people meet: pytest, the command line, tables and pages."""
