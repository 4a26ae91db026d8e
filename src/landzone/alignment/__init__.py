"""Plans against plans, against lines of control, and against what is built."""
