"""Days, a server and nights that nobody recorded: what plug-ins are tried with."""
