"""One numbered line of migrations for both databases."""
