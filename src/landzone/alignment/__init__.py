"""Plans against plans, parcels against plans, ground against lines of control."""
