"""One output, one file. Outputs round, translate and colour; they compute nothing."""
