"""The words of the house: layers, plans, studies, problems, measures, rules and findings. No I/O, no geometry."""
