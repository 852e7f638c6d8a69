"""Payments: how money is asked for and known to have come. Payments does not know orders."""
