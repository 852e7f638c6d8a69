"""
A local Alipay gateway: it speaks the gateway's protocol on loopback with real RSA2 keys both ways.

It has a cashier that a browser can press 「确认付款」 on, signed notifications with Alipay's retries, an
operator page at ``/`` and a control API at ``/control`` for tests. Everything is kept in the instance
directory: ``gateway.sqlite3`` (keys and trades, mode 0600) and ``merchant.json`` (the merchant's side,
mode 0600, read by `marketplace.payments.alipay.config.read_merchant_file`). Each business rule stands in
`rules.py`, beside the source it was learnt from.

Run it: ``python -m marketplace.payments.local_gateway --instance DIR --port N [--pace 0.01]``; in a test::

    running = start(tmp_path, pace=0.001)      # the fixture `local_gateway` does this
    client = AlipayClient(read_merchant_file(running.merchant_file))
    ...
    running.stop()

``pace`` multiplies the waits between deliveries (4m, 10m, 10m, 1h, 2h, 6h, 15h). The gateway's clock can be
moved; expiry, retries, bills and codes follow it, while the timestamp of a request is checked against the
machine's own clock. A rule's refusal answers 409, a name that does not exist 404, nonsense 400.

The control API takes and gives JSON:

=============================================  ==========================================================
GET  /control/state                            trades, notifications with their deliveries, open faults,
                                               recent requests, transfers
GET  /control/trades/<out_trade_no>            status, trade_no, cashier_url
POST /control/trades/<out_trade_no>/pay        pay in the buyer's place; {"force": true} also pays a trade
                                               just closed (the payment was under way)
POST /control/trades/<out_trade_no>/expire     let its time_expire come now
POST /control/trades/<out_trade_no>/finish     TRADE_FINISHED: no longer refundable
POST /control/trades/<out_trade_no>/forge      {"forgery": "wrong_amount" | "wrong_app_id" |
                                               "wrong_seller_id" | "unknown_trade" | "bad_signature"}
POST /control/notifications/<id>/send          now: first time, again, or out of its turn
POST /control/notifications/<id>/hold          keep it back until it is sent by hand
POST /control/notifications/<id>/delay         {"seconds": 60}
POST /control/notifications/order              {"ids": [3, 2]}: now, in this order
POST /control/faults                           {"kind", "method", "number", "times", "sub_code", "seconds"}
DELETE /control/faults                         forget all orders
POST /control/clock                            {"advance_s": 900}
POST /control/settings                         {"transfers_wait": true}: transfers stay DEALING;
                                               {"application_url": "http://…"}: the 应用网关 for messages;
                                               {"public_key": "…"}: take another merchant key
POST /control/transfers/<out_biz_no>/succeed   decide a DEALING transfer; or …/fail; …/return
                                               sends one back that had arrived
=============================================  ==========================================================

A trade must have been opened (cashier, QR or create) before it can be steered: until then there is none.
A fault is used up by the next request that fits it, *times* times. ``method`` and ``number`` empty mean
any; ``number`` may be an out_trade_no, trade_no, out_request_no, out_biz_no or certify_id. The kinds, where
``_after`` does the work before misbehaving and its twin does nothing:

* ``drop_request``, ``drop_after``: the connection is closed without a byte;
* ``http_502``, ``http_502_after``; ``system_error``, ``system_error_after``; ``code_20000`` (without
  sub_code), ``code_20000_after``;
* ``bad_signature``: done, but the answer's signature is wrong; ``slow``: done, answered after *seconds*;
* ``refuse``: not done, 40004 with your *sub_code*;
* with method ``notify`` (or none): ``notify_lost``, ``notify_twice``, ``notify_late`` (*seconds*),
  ``notify_held``, ``notify_swapped`` (goes out only after the trade's next notification).

On a cashier's address every answering fault is a 502. Payees: an identity containing ``nobody`` does not
exist, the name 查无此人 never matches. Sign-in with Alipay begins at ``/oauth2/publicAppAuthorize.htm``.
"""

from marketplace.payments.local_gateway.app import RunningGateway, create_gateway, start

__all__ = ["RunningGateway", "create_gateway", "start"]
