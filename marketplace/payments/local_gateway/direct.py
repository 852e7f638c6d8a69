"""The client's transport straight into a gateway of the same process, without HTTP, for simulations."""

from collections.abc import Callable
from urllib.parse import parse_qsl, urlsplit

from marketplace.payments.alipay.transport import NoAnswerError
from marketplace.payments.local_gateway.bills import bill_behind
from marketplace.payments.local_gateway.gateway import Ask, Gateway
from marketplace.payments.local_gateway.keys_on_disk import keys_in
from marketplace.payments.local_gateway.protocol import admit, answer
from marketplace.payments.local_gateway.store import Store
from marketplace.payments.local_gateway.trade_rows import Trade
from marketplace.payments.local_gateway.trades import begin

BASE_URL = "http://127.0.0.1:0"


def gateway_over(store: Store) -> Gateway:
    """Return a gateway without a server. Deliver its notifications with `courier.Courier.deliver_next`."""
    return Gateway(store, keys_in(store), BASE_URL)


class DirectTransport:
    """
    Hands requests to `protocol.answer`; signatures and ordered faults are as real as over HTTP.

    *clock* is what the gateway takes for the real time when it judges a request's timestamp.
    """

    def __init__(self, gateway: Gateway, clock: Callable[[], float]) -> None:
        self._gateway = gateway
        self._clock = clock

    def post(self, url: str, body: str, timeout_s: float) -> bytes:
        """Ask gateway.do; a slow answer is one that came too late."""
        reply = answer(self._gateway, _params(url, body), real_now=self._clock())
        if reply.is_dropped or reply.status != 200 or reply.delay_s > timeout_s:
            raise NoAnswerError("no answer, as ordered")
        return reply.body

    def get(self, url: str, timeout_s: float) -> bytes:
        """Fetch a bill."""
        content = bill_behind(self._gateway, url.rsplit("/", 1)[-1])
        if content is None:
            raise NoAnswerError("HTTP status 404")
        return content

    def open_cashier(self, url: str) -> Trade:
        """A payer's browser follows a signed address: the trade begins, or `RejectionError` says why not."""
        with self._gateway.store.writing():
            return begin(self._gateway, self._admitted(url))

    def _admitted(self, url: str) -> Ask:
        return admit(self._gateway, _params(url, ""), real_now=self._clock())


def _params(url: str, body: str) -> dict[str, str]:
    pairs = [*parse_qsl(urlsplit(url).query), *parse_qsl(body)]
    return dict(pairs)
