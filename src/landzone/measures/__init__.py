"""Indicators of land: one family a file, pure functions, index kept. Ratios are taken here and nowhere else."""

from landzone.measures.density import building_density_ratio, floor_area_ratio
from landzone.measures.investment import investment_intensity

__all__ = ["building_density_ratio", "floor_area_ratio", "investment_intensity"]
