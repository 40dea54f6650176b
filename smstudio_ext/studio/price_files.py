"""Prices from AWS's own price list as a file: the bulk "offer file" of AmazonSageMaker, of one region or of all.

Format: https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/reading-service-price-list-file-for-services.html
"""

from __future__ import annotations

import gzip
import json
import urllib.request
from pathlib import Path
from typing import IO, Any, cast
from urllib.error import URLError

from smstudio_ext.studio.prices import Found, keep_prices, metered_of, on_demand_price
from smstudio_ext.studio.problems import BadInput

OFFER = "AmazonSageMaker"
ADDRESS = (
    "https://pricing.us-east-1.amazonaws.com/offers/v1.0/aws/AmazonSageMaker/current/{region}/index.json"
)
"""Where AWS serves the file of a region to everybody, without credentials."""

_GZIP = b"\x1f\x8b"
_SECONDS = 30.0


def keep_offer(source: str, data_dir: Path) -> dict[str, int]:
    """Reads an offer file and keeps its prices in the data directory, beside those of other regions.

    Args:
        source: path, or http(s) address, of the JSON file; it may be compressed with gzip.

    Returns:
        Region -> number of prices.

    Raises:
        BadInput: it cannot be read, is no offer file of SageMaker, or has no prices of instances in US dollars.
    """
    offer = _parsed(source)
    if offer.get("offerCode") != OFFER or not isinstance(offer.get("products"), dict):
        raise BadInput(
            f"{source} is no price list of {OFFER}.",
            hint=f"AWS serves it for each region, e.g. {ADDRESS.format(region='eu-west-1')}",
        )
    regions = _regions(offer)
    if not regions:
        raise BadInput(f"{source} has no prices of SageMaker's instances in US dollars.")
    date = str(offer.get("publicationDate", ""))[:10] or "unknown"
    keep_prices(regions, f"AWS price list, {OFFER} {offer.get('version', '')}".strip(), date, data_dir)
    return {region: sum(len(each) for each in found.values()) for region, found in sorted(regions.items())}


def _regions(offer: dict[str, Any]) -> dict[str, Found]:
    terms = offer.get("terms", {}).get("OnDemand", {})
    regions: dict[str, Found] = {}
    for sku, product in offer["products"].items():
        attributes = product.get("attributes", {})
        metered = metered_of(attributes)
        name = attributes.get("instanceName", "")
        price = on_demand_price(terms.get(sku, {}))
        region = attributes.get("regionCode")
        if metered and region and price and name.startswith("ml."):
            regions.setdefault(region, {}).setdefault(metered, {})[name] = price
    return regions


def _parsed(source: str) -> dict[str, Any]:
    try:
        with _opened(source) as file:
            content = file.read()
        found = json.loads(gzip.decompress(content) if content[:2] == _GZIP else content)
    except (OSError, URLError) as error:
        raise BadInput(f"{source} cannot be read: {getattr(error, 'reason', None) or error}") from None
    except (ValueError, EOFError) as error:
        raise BadInput(f"{source} is no JSON file: {error}") from None
    return found if isinstance(found, dict) else {}


def _opened(source: str) -> IO[bytes]:
    if source.startswith(("https://", "http://")):
        return cast(IO[bytes], urllib.request.urlopen(source, timeout=_SECONDS))
    return Path(source).expanduser().open("rb")
