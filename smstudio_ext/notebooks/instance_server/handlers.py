"""Pages of a notebook instance's server besides Jupyter's: the entrance, and what strangers see."""

from __future__ import annotations

import importlib.util
from typing import Any

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.httputil import HTTPServerRequest
from tornado.routing import Matcher

from smstudio_ext.notebooks.instance_server.access import Gate, LinkRefused

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Notebook instance</title>
<body style="font: 15px/1.5 system-ui, sans-serif; max-width: 34em; margin: 12vh auto; padding: 0 1em">
<h1 style="font-size: 1.3em">This notebook instance is closed to you</h1><p>{reason}</p>
<p>Open it from the page <b>Notebook instances</b> of the SageMaker panel, or with a new URL of
<code>CreatePresignedNotebookInstanceUrl</code>.</p></body></html>"""


class EntranceHandler(JupyterHandler):
    """`/`: takes the link of the engine, or leads those who are signed in on."""

    @allow_unauthenticated
    def get(self) -> None:
        """Opens a session for `authToken` and goes to Jupyter or JupyterLab (`view=lab`)."""
        token = self.get_argument("authToken", "")
        if token:
            provider: Any = self.identity_provider  # an InstanceIdentity
            try:
                end = provider.gate.redeem(token)
            except LinkRefused as refusal:
                refuse(self, str(refusal))
                return
            provider.open_session(self, end)
        elif self.current_user is None:
            refuse(self, "There is no session, or it has ended.")
            return
        self.redirect(url_path_join(self.base_url, start_page(self.get_argument("view", ""))))


class SignedOutHandler(JupyterHandler):
    """`/login`: where Jupyter sends those without a session."""

    @allow_unauthenticated
    def get(self) -> None:
        """Says how to get in."""
        if self.current_user is not None:
            self.redirect(self.base_url)
            return
        refuse(self, "There is no session, or it has ended.")


class ElsewhereHandler(web.RequestHandler):
    """Answers every request from an address that may not come."""

    def prepare(self) -> None:
        """Refuses it, whatever it is."""
        self.set_status(403)
        reason = "Your address is not among those that may open this notebook instance."
        self.finish(_PAGE.format(reason=reason))


class ElsewhereMatcher(Matcher):
    """Takes requests from addresses that may not come."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        """Arguments for the handler; None for those who may come."""
        return None if self._gate.admits(request.remote_ip or "") else {}


def refuse(handler: web.RequestHandler, reason: str) -> None:
    """Answers 403 with a page that says how to get in."""
    handler.set_status(403)
    handler.set_header("Content-Type", "text/html; charset=utf-8")
    handler.finish(_PAGE.format(reason=reason))


def start_page(view: str) -> str:
    """Where a session begins: Notebook 7's tree where it is installed, else JupyterLab's one-document mode."""
    if view != "tree":
        return "lab"
    return "tree" if importlib.util.find_spec("notebook") else "doc"
