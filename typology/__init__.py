"""Over-indebtedness: rates and types of the areas."""
