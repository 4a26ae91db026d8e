"""Indicators: one pure function each, Series in, Series out, index kept."""
