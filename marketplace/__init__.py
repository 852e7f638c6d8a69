"""The market: artisans, produce, cart, orders, fulfilment, payments, ledger."""
