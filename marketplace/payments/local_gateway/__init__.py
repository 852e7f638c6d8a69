"""A local Alipay gateway (the control API is described here at the end of the work)."""

from marketplace.payments.local_gateway.app import RunningGateway, create_gateway, start

__all__ = ["RunningGateway", "create_gateway", "start"]
