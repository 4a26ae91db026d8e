"""Runs the kernel: how the geometry work of an audit is carried out."""
