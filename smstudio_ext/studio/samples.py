"""Sample data that the package makes itself: seeded generators, and putting one into a target's S3."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

if TYPE_CHECKING:
    import numpy as np

ProblemType = Literal["BinaryClassification", "MulticlassClassification", "Regression"]
Rows = Iterable[list[Any]]


class Sample(BaseModel):
    """One sample data set.

    Attributes:
        name: identifier, e.g. `churn`.
        rows: data rows, without the header.
        target: column to predict.
        objective: metric that Autopilot should optimise.
    """

    name: str
    title: str
    description: str
    file_name: str
    rows: int
    columns: list[str]
    target: str
    problem_type: ProblemType
    objective: str


class SampleLocation(BaseModel):
    """Where a sample was put."""

    s3_uri: str
    bucket: str
    key: str
    target: str
    problem_type: ProblemType
    objective: str


class UnknownSample(ValueError):
    """There is no sample of that name."""


@dataclass(frozen=True)
class _Generator:
    sample: Sample
    make: Callable[[np.random.Generator, int], Rows]


def list_samples() -> list[Sample]:
    """All samples, in the order in which pages show them."""
    return [generator.sample for generator in _GENERATORS.values()]


def sample(name: str) -> Sample:
    """One sample.

    Raises:
        UnknownSample: there is none of that name.
    """
    return _generator(name).sample


def sample_csv(name: str, *, seed: int = 2026, rows: int | None = None) -> bytes:
    """The sample as CSV (UTF-8, header, comma): the same bytes for the same seed and number of rows.

    Raises:
        UnknownSample: there is none of that name.
    """
    import numpy as np

    generator = _generator(name)
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(generator.sample.columns)
    writer.writerows(generator.make(np.random.default_rng(seed), rows or generator.sample.rows))
    return buffer.getvalue().encode()


def put_sample(s3: Any, name: str, bucket: str, *, prefix: str = "samples") -> SampleLocation:
    """Writes a sample into a bucket (which must exist) and says where.

    Args:
        s3: a boto3 S3 client of the target.

    Raises:
        UnknownSample: there is none of that name.
        botocore.exceptions.ClientError: the bucket cannot be written.
    """
    found = sample(name)
    key = f"{prefix}/{found.file_name}"
    s3.put_object(Bucket=bucket, Key=key, Body=sample_csv(name), ContentType="text/csv")
    return SampleLocation(
        s3_uri=f"s3://{bucket}/{key}",
        bucket=bucket,
        key=key,
        target=found.target,
        problem_type=found.problem_type,
        objective=found.objective,
    )


def _generator(name: str) -> _Generator:
    try:
        return _GENERATORS[name]
    except KeyError:
        known = ", ".join(_GENERATORS)
        raise UnknownSample(f"There is no sample data set {name!r}; there are: {known}.") from None


_STATES = (
    "AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE NH NJ NM NV NY OH "
    "OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY"
).split()


def _churn(random: np.random.Generator, rows: int) -> Rows:
    """Telephone customers; leaving depends on the bill, service calls, plans and calls abroad, with noise."""
    import numpy as np

    international = random.random(rows) < 0.10
    voice_mail = random.random(rows) < 0.28
    messages = np.where(voice_mail, np.clip(random.normal(29, 7.5, rows), 4, 51).round(), 0).astype(int)
    day, evening, night = (
        np.clip(random.normal(mean, spread, rows), 0, None).round(1)
        for mean, spread in ((180, 54), (201, 51), (201, 51))
    )
    abroad = np.clip(random.normal(10.2, 2.8, rows), 0, None).round(1)
    day_calls, evening_calls, night_calls = (
        np.clip(random.normal(100, 20, rows), 0, None).round().astype(int) for _ in range(3)
    )
    abroad_calls = random.poisson(4.5, rows)
    service_calls = random.poisson(1.55, rows)
    charges = [day * 0.17, evening * 0.085, night * 0.045, abroad * 0.27]
    bill = charges[0] + charges[1]
    score = (
        0.45 * np.clip(bill - 56, 0, None) * ~voice_mail
        + 3.4 * ((service_calls >= 4) & (bill < 52))
        + 3.6 * (international & ((abroad > 13) | (abroad_calls <= 2)))
        - 2.2
        + random.normal(0, 0.75, rows)
    )
    leaves = score > 0.0
    length = np.clip(random.normal(101, 40, rows), 1, 243).round().astype(int)
    for i in range(rows):
        yield [
            _STATES[random.integers(len(_STATES))],
            length[i],
            (408, 415, 415, 510)[random.integers(4)],
            f"{random.integers(327, 423)}-{random.integers(1000, 10000)}",
            "yes" if international[i] else "no",
            "yes" if voice_mail[i] else "no",
            messages[i],
            day[i],
            day_calls[i],
            f"{charges[0][i]:.2f}",
            evening[i],
            evening_calls[i],
            f"{charges[1][i]:.2f}",
            night[i],
            night_calls[i],
            f"{charges[2][i]:.2f}",
            abroad[i],
            abroad_calls[i],
            f"{charges[3][i]:.2f}",
            service_calls[i],
            "True." if leaves[i] else "False.",
        ]


_JOBS = "admin. blue-collar technician services management retired entrepreneur self-employed housemaid unemployed student unknown".split()
_EDUCATION = "university.degree high.school basic.9y professional.course basic.4y basic.6y unknown".split()
_MONTHS = "mar apr may jun jul aug sep oct nov dec".split()


def _bank(random: np.random.Generator, rows: int) -> Rows:
    """Bank customers called about a deposit: yes or no, mostly no; some fields are unknown."""
    import numpy as np

    age = np.clip(random.gamma(14, 2.9, rows), 18, 95).round().astype(int)
    euribor = np.where(
        random.random(rows) < 0.62, random.normal(4.9, 0.1, rows), random.normal(1.3, 0.5, rows)
    )
    euribor = np.clip(euribor, 0.6, 5.1).round(3)
    contacted = random.random(rows) < 0.13
    succeeded = contacted & (random.random(rows) < 0.35)
    campaign = random.geometric(0.42, rows)
    job = random.choice(
        len(_JOBS), rows, p=[0.25, 0.22, 0.16, 0.1, 0.07, 0.05, 0.035, 0.035, 0.025, 0.025, 0.02, 0.01]
    )
    cellular = random.random(rows) < 0.63
    month = random.choice(len(_MONTHS), rows, p=[0.02, 0.06, 0.33, 0.13, 0.17, 0.15, 0.02, 0.02, 0.08, 0.02])
    quiet_month = np.isin(month, [0, 6, 7, 9])
    score = (
        -2.2
        - 0.55 * (euribor - 3)
        + 1.9 * succeeded
        + 0.5 * cellular
        + 0.9 * quiet_month
        - 0.10 * campaign
        + 0.7 * np.isin(job, [5, 10])
        + 0.0010 * (age - 42) ** 2
    )
    says_yes = random.random(rows) < 1 / (1 + np.exp(-1.9 * score - 1.2))
    for i in range(rows):
        yield [
            age[i],
            _JOBS[job[i]],
            ("married", "single", "divorced", "unknown")[random.choice(4, p=[0.605, 0.28, 0.11, 0.005])],
            _EDUCATION[random.choice(7, p=[0.3, 0.23, 0.15, 0.13, 0.1, 0.05, 0.04])],
            ("no", "unknown")[random.choice(2, p=[0.79, 0.21])],
            ("yes", "no", "unknown")[random.choice(3, p=[0.52, 0.456, 0.024])],
            ("no", "yes", "unknown")[random.choice(3, p=[0.82, 0.156, 0.024])],
            "cellular" if cellular[i] else "telephone",
            _MONTHS[month[i]],
            ("mon", "tue", "wed", "thu", "fri")[random.integers(5)],
            campaign[i],
            int(random.integers(1, 20)) if contacted[i] else 999,
            int(contacted[i]),
            "success" if succeeded[i] else ("failure" if contacted[i] else "nonexistent"),
            f"{euribor[i]:.3f}",
            "yes" if says_yes[i] else "no",
        ]


def _houses(random: np.random.Generator, rows: int) -> Rows:
    """House sales: price from size, age, place and condition, with missing years and one date column."""
    import numpy as np

    area = np.clip(random.lognormal(4.75, 0.35, rows), 35, 450).round(1)
    rooms = np.clip((area / 28 + random.normal(0, 0.9, rows)).round(), 1, 12).astype(int)
    built = random.integers(1900, 2025, rows)
    district = random.integers(0, 8, rows)
    level = np.array([1.55, 1.3, 1.2, 1.0, 0.95, 0.85, 0.75, 0.6])[district]
    distance = np.clip(random.gamma(2.0, 2.2, rows), 0.1, 30).round(2)
    condition = random.integers(1, 6, rows)
    garden = random.random(rows) < 0.45
    price = (
        1900 * area * level * (1 + 0.05 * (condition - 3)) * np.exp(-0.035 * distance)
        + 14000 * garden
        - 280 * (2025 - built)
        + 9000 * rooms
    ) * random.lognormal(0, 0.09, rows)
    for i in range(rows):
        yield [
            f"2024-{random.integers(1, 13):02d}-{random.integers(1, 29):02d}",
            ("Harbour", "Old Town", "Garden City", "Hillside", "Station", "Riverside", "North", "Docklands")[
                district[i]
            ],
            area[i],
            rooms[i],
            "" if random.random() < 0.06 else int(built[i]),
            distance[i],
            condition[i],
            "yes" if garden[i] else "no",
            ("A", "B", "C", "D", "E")[min(4, max(0, int((2025 - built[i]) / 28 + random.normal(0, 0.7))))],
            int(price[i].round(-2)),
        ]


def _wheat(random: np.random.Generator, rows: int) -> Rows:
    """Kernels of four wheat varieties, measured: overlapping clouds in seven dimensions."""
    import numpy as np

    names = ("Kama", "Rosa", "Canadian", "Durum")
    centres = np.array([[14.3, 2.67], [18.3, 3.64], [11.9, 4.79], [16.1, 2.1]])
    for _ in range(rows):
        kind = int(random.choice(4, p=[0.3, 0.28, 0.26, 0.16]))
        area = random.normal(centres[kind, 0], 1.0)
        length = 1.62 * np.sqrt(area) * random.normal(0.905, 0.02)
        width = area / length * random.normal(1.265, 0.02)
        perimeter = np.pi * (length + width) / 2 * random.normal(1.03, 0.008)
        yield [
            f"{area:.2f}",
            f"{perimeter:.2f}",
            f"{4 * np.pi * area / perimeter**2:.4f}",
            f"{length:.3f}",
            f"{width:.3f}",
            f"{max(0.3, random.normal(centres[kind, 1], 0.95)):.3f}",
            f"{length * random.normal(0.955 if kind != 2 else 0.99, 0.02):.3f}",
            names[kind],
        ]


_GENERATORS = {
    generator.sample.name: generator
    for generator in (
        _Generator(
            Sample(
                name="churn",
                title="Customer churn",
                description="Customers of a telephone company; which of them leave? The columns of AWS's Autopilot workshop.",
                file_name="churn.csv",
                rows=3333,
                columns=[
                    "State",
                    "Account Length",
                    "Area Code",
                    "Phone",
                    "Int'l Plan",
                    "VMail Plan",
                    "VMail Message",
                    "Day Mins",
                    "Day Calls",
                    "Day Charge",
                    "Eve Mins",
                    "Eve Calls",
                    "Eve Charge",
                    "Night Mins",
                    "Night Calls",
                    "Night Charge",
                    "Intl Mins",
                    "Intl Calls",
                    "Intl Charge",
                    "CustServ Calls",
                    "Churn?",
                ],
                target="Churn?",
                problem_type="BinaryClassification",
                objective="F1",
            ),
            _churn,
        ),
        _Generator(
            Sample(
                name="bank",
                title="Bank marketing",
                description="Calls of a bank to its customers; who opens a deposit?",
                file_name="bank.csv",
                rows=8000,
                columns=(
                    "age job marital education default housing loan contact month day_of_week campaign pdays previous poutcome euribor3m y"
                ).split(),
                target="y",
                problem_type="BinaryClassification",
                objective="AUC",
            ),
            _bank,
        ),
        _Generator(
            Sample(
                name="houses",
                title="House prices",
                description="Houses sold in a town; what does one cost?",
                file_name="houses.csv",
                rows=4000,
                columns="sold district area_m2 rooms year_built centre_km condition garden energy_class price".split(),
                target="price",
                problem_type="Regression",
                objective="MSE",
            ),
            _houses,
        ),
        _Generator(
            Sample(
                name="wheat",
                title="Wheat varieties",
                description="Measures of wheat kernels; which of four varieties is it?",
                file_name="wheat.csv",
                rows=3000,
                columns="area perimeter compactness length width asymmetry groove_length variety".split(),
                target="variety",
                problem_type="MulticlassClassification",
                objective="Accuracy",
            ),
            _wheat,
        ),
    )
}
