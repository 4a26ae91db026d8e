"""Pure functions on arrays of shapes: areas, overlays, coverage, validity. No files, no clocks."""
