"""A running local gateway, and a shop that listens for its notifications."""

from collections.abc import Iterator

import pytest

from marketplace.payments import local_gateway as gateway_package
from marketplace.payments.alipay.client import AlipayClient
from marketplace.payments.alipay.config import AlipayConfig, read_merchant_file
from marketplace.payments.local_gateway import RunningGateway
from tests.marketplace.payments.gateway_control import GatewayControl
from tests.marketplace.payments.listening_shop import ListeningShop

# Retries of notifications come a thousand times faster: 0.24 s instead of 4 minutes.
PACE = 0.001


@pytest.fixture(scope="session")
def serving_gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningGateway]:
    """One gateway per test process: its three RSA keys are made only once."""
    running = gateway_package.start(tmp_path_factory.mktemp("gateway"), pace=PACE)
    yield running
    running.stop()


@pytest.fixture
def local_gateway(serving_gateway: RunningGateway) -> RunningGateway:
    """The gateway on its free port, emptied of what earlier tests left."""
    serving_gateway.forget_everything()
    return serving_gateway


@pytest.fixture
def merchant(local_gateway: RunningGateway) -> AlipayConfig:
    """The merchant's side as the gateway wrote it, in certificate mode."""
    return read_merchant_file(local_gateway.merchant_file)


@pytest.fixture
def alipay(merchant: AlipayConfig) -> AlipayClient:
    """Our client, pointed at the running gateway."""
    return AlipayClient(merchant)


@pytest.fixture
def shop() -> Iterator[ListeningShop]:
    """A small server that takes notifications and keeps them."""
    running = ListeningShop()
    yield running
    running.stop()


@pytest.fixture
def control(local_gateway: RunningGateway) -> GatewayControl:
    """The gateway's control API."""
    return GatewayControl(local_gateway.base_url)
