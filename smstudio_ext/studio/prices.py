"""Prices of instances an hour, by region: the list that ships, or a newer one that the user had fetched from AWS."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smstudio_ext.studio.models.running import Metered, PriceList, PriceRow, PriceSource

if TYPE_CHECKING:
    from smstudio_ext.target import Target

SHIPPED = Path(__file__).with_name("prices.json")
"""Prices that come with the package: on demand, of the regions that share the list of N. Virginia."""

FETCHED = "prices.json"
"""Name of the file in the data directory that `fetch_prices` writes."""

PRICING_REGION = "us-east-1"
"""Where AWS serves its price list."""

_COMPONENTS: dict[Metered, str] = {
    "Studio": "Studio-Notebook",
    "NotebookInstance": "Notebook",
    "Endpoint": "Hosting",
    "Training": "Training",
    "Processing": "Processing",
    "Transform": "Batch Transform",
}
"""AWS's names in its price list."""

Found = dict[str, dict[str, float]]
"""What is metered -> instance type -> price an hour."""

_SHIPPED_ONLY: dict[Metered, str] = {"NotebookInstance": "NotebookInstance", "Endpoint": "Hosting"}


@dataclass(frozen=True)
class PriceTable:
    """Prices of one region.

    Attributes:
        source: where they are from, date and region.
        hourly: instance type -> price, for what has no price of its own in `special`.
        special: what is metered -> instance type -> price.
    """

    source: PriceSource
    hourly: dict[str, float]
    special: dict[str, dict[str, float]] = field(default_factory=dict)

    def price(self, metered: Metered, instance_type: str) -> float | None:
        """Price of one instance an hour; None when the list does not have it."""
        own = self.special.get(metered, {}).get(instance_type)
        return own if own is not None else self.hourly.get(instance_type)


def price_table(region: str, data_dir: Path | None = None) -> PriceTable:
    """The newest prices that are known for a region.

    A region without a list of its own gets that of us-east-1, and `source.exact` says so.

    Args:
        data_dir: where `fetch_prices` may have written a newer list.
    """
    fetched = _read_fetched(data_dir).get(region) if data_dir else None
    if fetched:
        return PriceTable(
            PriceSource(source=fetched["source"], date=fetched["date"], region=region, exact=True),
            {},
            fetched["prices"],
        )
    shipped = _shipped()
    known: list[str] = shipped["regions"]
    exact = region in known
    source = PriceSource(
        source=shipped["source"], date=shipped["date"], region=region if exact else known[0], exact=exact
    )
    special = {metered: shipped["only"].get(name, {}) for metered, name in _SHIPPED_ONLY.items()}
    return PriceTable(source, shipped["hourly"], {str(key): value for key, value in special.items()})


def fetch_prices(pricing: Any, region: str, data_dir: Path, today: str) -> PriceTable:
    """Asks AWS's price list for a region's prices and keeps them in the data directory.

    Args:
        pricing: boto3 client of service `pricing` (us-east-1, eu-central-1 or ap-south-1); needs `pricing:GetProducts`.
        today: date to write beside them, ISO 8601.

    Raises:
        botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError: AWS did not give them.
        LookupError: AWS's list has no such region.
    """
    found: Found = {}
    pages = pricing.get_paginator("get_products").paginate(
        ServiceCode="AmazonSageMaker",
        Filters=[
            {"Type": "TERM_MATCH", "Field": "regionCode", "Value": region},
            {"Type": "TERM_MATCH", "Field": "productFamily", "Value": "ML Instance"},
        ],
    )
    for page in pages:
        for text in page["PriceList"]:
            product = json.loads(text) if isinstance(text, str) else text
            attributes = product["product"]["attributes"]
            metered = metered_of(attributes)
            price = on_demand_price(product.get("terms", {}).get("OnDemand", {}))
            instance_type = attributes.get("instanceName") or attributes.get("instanceType", "")
            if metered and price and instance_type.startswith("ml."):
                found.setdefault(metered, {})[instance_type] = price
    if not found:
        raise LookupError(f"AWS's price list has no instances of SageMaker in {region!r}.")
    keep_prices({region: found}, "AWS Price List (AmazonSageMaker)", today, data_dir)
    return price_table(region, data_dir)


def keep_prices(regions: dict[str, Found], source: str, date: str, data_dir: Path) -> None:
    """Keeps prices of regions in the data directory, in place of older ones of the same regions.

    Args:
        source, date: where they are from, and of which day (ISO 8601).
    """
    known = _read_fetched(data_dir)
    for region, found in regions.items():
        known[region] = {"source": source, "date": date, "prices": found}
    data_dir.mkdir(parents=True, exist_ok=True)
    aside = data_dir / f".{FETCHED}.new"
    aside.write_text(json.dumps(known, indent=1) + "\n")
    aside.replace(data_dir / FETCHED)


def known_regions(data_dir: Path) -> dict[str, str]:
    """Regions whose own prices are known, with the day of their list."""
    shipped = _shipped()
    fetched = {region: str(each.get("date", "")) for region, each in _read_fetched(data_dir).items()}
    return dict(sorted({**dict.fromkeys(shipped["regions"], shipped["date"]), **fetched}.items()))


def metered_of(attributes: dict[str, Any]) -> Metered | None:
    """What a product of AWS's price list is metered as; None for other products."""
    component = _plain(str(attributes.get("component", "")))
    return next((metered for metered, name in _COMPONENTS.items() if _plain(name) == component), None)


def _plain(name: str) -> str:
    """A component's name without what differs between AWS's lists: case, blanks, dashes."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def on_demand_price(terms: dict[str, Any]) -> float | None:
    """The price an hour in USD among the on-demand terms of a product; None when it has none."""
    for term in terms.values():
        for dimension in term.get("priceDimensions", {}).values():
            price = dimension.get("pricePerUnit", {}).get("USD")
            if dimension.get("unit") in ("Hrs", "Hours", "hours") and price and float(price) > 0:
                return float(price)
    return None


def _read_fetched(data_dir: Path) -> dict[str, Any]:
    try:
        content = json.loads((data_dir / FETCHED).read_text())
    except (OSError, ValueError):  # none was fetched, or its writing was cut off
        return {}
    return content if isinstance(content, dict) else {}


@lru_cache(maxsize=1)
def _shipped() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(SHIPPED.read_text())
    return content


def list_prices(target: Target, region: str | None, data_dir: Path) -> PriceList:
    """The price list of a region, as it is used; the target's region by default."""
    table = price_table(region or target.region, data_dir)
    kinds = list(_COMPONENTS)
    names = sorted(
        {*table.hourly, *(name for prices in table.special.values() for name in prices)}, key=_by_size
    )
    return PriceList(
        source=table.source,
        rows=[
            PriceRow(
                instance_type=name,
                prices={kind: price for kind in kinds if (price := table.price(kind, name)) is not None},
            )
            for name in names
        ],
    )


def update_prices(target: Target, region: str | None, data_dir: Path, today: str) -> PriceList:
    """Fetches AWS's price list for a region with the target's credentials.

    Raises:
        NotOffered: the target is the local engine, which has no price list.
        Missing: AWS's list has no such region.
    """
    from smstudio_ext.studio.problems import Missing, NotOffered
    from smstudio_ext.target import Target as AnyTarget

    if target.kind == "local":
        raise NotOffered(
            "Prices are fetched with the credentials of an AWS profile.",
            hint="Choose an AWS target (in the target switch, or --target aws), fetch them, and come back: they are kept.",
        )
    region = region or target.region
    place = AnyTarget.aws(target.profile, PRICING_REGION)
    try:
        fetch_prices(place.client("pricing"), region, data_dir, today)
    except LookupError as error:
        raise Missing(str(error)) from None
    return list_prices(target, region, data_dir)


def _by_size(name: str) -> tuple[str, int, str]:
    """Order of instance types: by family, the smallest first."""
    from smstudio_ext.notebooks.instance_types import instance_type

    found = instance_type(name)
    return (name.split(".")[1] if name.count(".") == 2 else name, found.vcpus if found else 0, name)
