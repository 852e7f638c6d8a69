"""
The Alipay client: a library that knows Alipay's protocol and nothing of orders, databases or pages.

`client.AlipayClient` asks the gateway and answers with one of three outcomes (`outcomes`),
`notifications.read_notification` judges what the gateway sends by itself, and `bill` reads the daily
bill. The official SDK is imported by `sdk.py` alone. Amounts are integer fen at every public border.
"""
