"""Digital participation of seniors in the areas."""
