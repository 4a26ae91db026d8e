"""landzone audits land: density, investment, idle land and the agreement of plans."""
