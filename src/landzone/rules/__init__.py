"""Measures against dated limits: findings."""
