"""The measure of all pages: a Flask application that says hello and does nothing else."""

from __future__ import annotations

from flask import Flask

app = Flask("hello")


@app.get("/")
def say_hello() -> str:
    """Anyone is greeted."""
    return "hello"
