"""What a deployment decides; how it is read stands in ``settings.py``, what is wrong with it in ``settings_faults.py``."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Deployment:
    """One deployment's decisions; see docs/running.md for what each means."""

    database_url: str = ""
    redis_url: str = ""
    instance_dir: Path = ROOT / "instance"
    secret_key: str = field(default="", repr=False)
    data_key: str = field(default="", repr=False)
    # "private" is a machine of one's own; "public" is open to the people and checks much more.
    mode: str = "private"
    public_base_url: str = ""
    bind: str = "127.0.0.1"
    port: int = 8000
    web_workers: int = 0
    site_name: str = "乡情码"
    organiser: str = ""
    icp_record: str = ""
    police_record: str = ""
    trusted_proxies: int = 0
    sms_sender: str = "demonstration"
    sms_endpoint: str = ""
    sms_key: str = field(default="", repr=False)
    alipay_app_id: str = ""
    alipay_seller_id: str = ""
    alipay_gateway_url: str = ""
    alipay_private_key_file: str = ""
    alipay_public_key_file: str = ""
    alipay_app_cert_file: str = ""
    alipay_root_cert_file: str = ""
    payments_live: bool = False
    local_gateway_port: int = 0
    # Webhooks go to the public internet only, unless their receivers stand in the same house.
    webhooks_may_be_private: bool = False
    plate_font_file: str = ""
    page_cache_mb: int = 24
    testing: bool = False
