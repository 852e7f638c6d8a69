"""Small builders with good defaults: plain functions, keyword-only, one per model."""
