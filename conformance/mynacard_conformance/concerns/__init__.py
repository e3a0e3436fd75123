"""Random lives of a client and its card: one small machine a concern, drawn and shrunk by Hypothesis."""
