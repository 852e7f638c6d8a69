"""Signing in."""

from __future__ import annotations

from flask import Blueprint

from commons.accounts import guard

bp = Blueprint("accounts", __name__, template_folder="../templates")
guard.stand_before_all(bp)
