"""Areas, deliveries, validation, bundling and microcells."""
