"""Presigned addresses of domains: made at the wire, opened in a browser."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.protocol.http import HttpRequest, HttpResponse
from smstudio_ext.engine.services.registry import operation, page
from smstudio_ext.engine.studio import presigned
from smstudio_ext.engine.studio.domains import STUDIO_PATH

Document = dict[str, Any]
_HEADERS = [
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
]


@operation("sagemaker", "CreatePresignedDomainUrl")
def create_presigned_domain_url(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes an address that opens the domain once."""
    return {"AuthorizedUrl": presigned.presign(ctx, call.region, request)}


@page(STUDIO_PATH)
def open_domain(ctx: EngineContext, http: HttpRequest) -> HttpResponse:
    """Opens a domain: redirects to its JupyterLab, or says why not."""
    if http.method != "GET":  # what only looks at an address must not use it up
        return HttpResponse(405, [*_HEADERS, ("allow", "GET")], b"")
    domain, _, rest = http.path.removeprefix(STUDIO_PATH).partition("/")
    token = parse_qs(http.query).get("token", [""])[0]
    if rest != "auth" or not token:
        return HttpResponse(403, _HEADERS, presigned.sign_in_page())
    opened = presigned.open_presigned(ctx, domain, token)
    if opened.location:
        return HttpResponse(302, [*_HEADERS, ("location", opened.location)], b"")
    if opened.waiting:
        return HttpResponse(503, _HEADERS, presigned.waiting_page(ctx.settings.data_dir))
    return HttpResponse(403, _HEADERS, presigned.refusal_page(opened.problem))
