"""Changes what keeps the SageMaker SDKs from using a local engine; acts only when AWS_ENDPOINT_URL is on loopback.

Environment variables alone are not enough: both SDKs name the public STS address in code, sleep for fixed 5 to 30
seconds between looks, and send telemetry. Nothing is imported here: the changes are made when (and if) the program
imports the modules in question. This file stands alone: it is also run by interpreters that do not have the package
(see `path/sitecustomize.py`), and must work on any Python that the SDKs run on.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:  # `typing` itself is not imported: this runs at every start
    from collections.abc import Callable, Mapping
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

    Change = Callable[[Any], None]

MARK = "sdk-companion"
"""Application id in the user agent: the engine need not hold requests of this program."""

VERSION_1 = "SMSTUDIO_SDK_V1"
"""Variable that, set to 1, brings the names and arguments of SageMaker SDK 1 back (see docs/old-notebooks.md)."""

_LOOPBACK = ("http://127.", "http://localhost:", "http://[::1]:")


def wanted(environ: Mapping[str, str] = os.environ) -> bool:
    """Says whether this process is set up for a local engine."""
    return environ.get("AWS_ENDPOINT_URL", "").startswith(_LOOPBACK)


def install(local: bool | None = None) -> None:
    """Puts the import hook in place; repeating it does nothing.

    Args:
        local: make the changes for a local engine; by default where AWS_ENDPOINT_URL is one's address.
    """
    if any(getattr(finder, "mark", None) == MARK for finder in sys.meta_path):
        return
    changes: dict[str, Change] = {}
    if wanted() if local is None else local:
        os.environ.setdefault("AWS_SDK_UA_APP_ID", MARK)
        changes = _changes()
        sys.meta_path.append(_OldFinder())
    if os.environ.get(VERSION_1) == "1":
        _add_version_1(changes)
    sys.meta_path.insert(0, _Finder(changes))


def count_cpus() -> None:
    """Lets `os.cpu_count()` answer what PYTHON_CPU_COUNT says, as Python 3.13 does by itself: the instance's vCPUs.

    Without it programs start a worker for each CPU of a machine of which their instance has only a part.
    """
    said = os.environ.get("PYTHON_CPU_COUNT", "")
    if sys.version_info < (3, 13) and said.isdigit() and int(said) > 0:
        count = int(said)
        os.cpu_count = lambda: count


def _add_version_1(changes: dict[str, Change]) -> None:
    """Adds what old notebooks need (`version1/`) to the changes, after those that are made anyway."""
    try:
        from smstudio_ext.companion import version1
    except ImportError:
        sys.stderr.write(f"smstudio companion: {VERSION_1} needs smstudio_ext in this interpreter.\n")
        return
    for name, change in version1.changes():
        changes[name] = _both(changes[name], change) if name in changes else change
        if name in sys.modules:
            change(sys.modules[name])


def _both(first: Change, second: Change) -> Change:
    def change(module: Any) -> None:
        first(module)
        second(module)

    return change


class _Finder:
    """Finds modules as before, and makes the change of a module after it ran."""

    mark = MARK

    def __init__(self, changes: dict[str, Change]) -> None:
        self._changes = changes

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        change = self._changes.get(name)
        if change is None:
            return None
        for finder in sys.meta_path:
            find = getattr(finder, "find_spec", None)
            if finder is self or find is None:
                continue
            spec: ModuleSpec | None = find(name, path, target)
            if spec is not None:
                _run_after(spec.loader, change)
                return spec
        return None


class _OldFinder:
    """Finds what notebooks import and nothing else brings.

    `pkg_resources`: setuptools dropped it, old packages of AWS import it. `sagemaker_sklearn_extension`: the data processors that
    Autopilot writes import it, and AWS's own needs an old scikit-learn.
    """

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name not in ("pkg_resources", "sagemaker_sklearn_extension"):
            return None
        from importlib.util import spec_from_file_location

        here = os.path.dirname(os.path.abspath(__file__))
        if name == "pkg_resources":
            return spec_from_file_location(name, os.path.join(here, "old_pkg_resources.py"))
        compat = os.path.join(os.path.dirname(here), "engine", "images", "frameworks", "compat")
        folder = os.path.join(compat, name)
        return spec_from_file_location(
            name, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
        )


def _run_after(loader: Any, change: Change) -> None:
    execute = getattr(loader, "exec_module", None)
    if execute is None:
        return

    def exec_module(module: ModuleType) -> None:
        execute(module)
        try:
            change(module)
        except Exception as error:  # noqa: BLE001 - another version of the SDK: its own behaviour is better than no import
            sys.stderr.write(f"smstudio companion: {module.__name__} was left as it is: {error!r}\n")

    try:
        loader.exec_module = exec_module
    except AttributeError:
        pass  # a loader of compiled code: nothing that is changed here


def _changes() -> dict[str, Change]:
    changes: dict[str, Change] = {
        "botocore.session": _use_local_sts,
        "sagemaker": _old_inputs,
        "sagemaker.session": _quick_session,
        "sagemaker.predictor": _old_serializers,
        "sagemaker.telemetry.telemetry_logging": _no_telemetry,
        "sagemaker.core.telemetry.telemetry_logging": _no_telemetry,
    }
    for name in (
        "sagemaker.predictor_async",
        "sagemaker.core.resources",
        "sagemaker.train.model_trainer",
        "sagemaker.serve.model_builder",
        "sagemaker_core.main.resources",
    ):
        changes[name] = _quick_time
    for name in ("sagemaker.core.processing", "sagemaker.core.transformer"):
        changes[name] = _quick_logs
    changes["sagemaker.utils"] = _quick_names
    for name in ("sagemaker.core.common_utils", "sagemaker_core.helper.session_helper"):
        changes[name] = _quick_common
    changes["sagemaker.core.helper.session_helper"] = _quick_session_helper
    for name in (
        "sagemaker.config.config",
        "sagemaker.core.config.config",
        "sagemaker.core.utils.intelligent_defaults_helper",
        "sagemaker_core.main.default_configs_helper",
    ):
        changes[name] = _settings_checked_once
    changes["sagemaker.core.config.config_manager"] = _settings_of_manager_checked_once
    return changes


def _use_local_sts(module: Any) -> None:
    """Drops the public STS address that the SDKs give, so that AWS_ENDPOINT_URL holds for STS too; hears of new work."""
    create = module.Session.create_client

    def create_client(self: Any, service_name: str, *args: Any, **kwargs: Any) -> Any:
        url = kwargs.get("endpoint_url")
        if service_name == "sts" and url and str(url).startswith("https://sts.") and wanted():
            kwargs["endpoint_url"] = None
        client = create(self, service_name, *args, **kwargs)
        if service_name == "sagemaker":
            client.meta.events.register("before-call.sagemaker", _hear_of_new_work)
        return client

    create_client.__doc__ = create.__doc__
    module.Session.create_client = create_client


def _hear_of_new_work(model: Any = None, **_: Any) -> None:
    """What this thread waits for next is something else than what it waited for before."""
    if getattr(model, "name", "").startswith(("Create", "Start", "Update")):
        import threading

        QuickTime.new_work.add(threading.get_ident())


LOOK = 31.0
"""Seconds after which the SDKs' loops that show a log look at a job's state again, and one."""


class QuickTime:
    """Stands in for the `time` module in a module that waits by sleeping.

    A sleep takes a small part of what was asked for: 0.2 s first, then a twentieth of what this thread has waited so
    far, up to half a second.

    Args:
        real: the module.
        counts: seconds for which each sleep counts in the clock that the module sees. Loops that show a log look at the
            job's state when 30 s have gone by in it. Without it the clock is the real one: time limits are counted in it.
    """

    FIRST = 0.2
    SHARE = 0.05
    LONGEST = 0.5
    PAUSE = 30.0

    new_work: set[int] = set()
    """Threads that have asked for something new since their last sleep."""

    def __init__(self, real: Any, counts: float = 0.0) -> None:
        self._real = real
        self._counts = counts
        self._ahead = 0.0
        self._waits: dict[int, tuple[float, float]] = {}
        self.plain: set[int] = set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def sleep(self, seconds: float) -> None:
        """Sleeps for a part of `seconds`."""
        import threading

        thread = threading.get_ident()
        if thread in self.plain or not wanted():
            self._real.sleep(seconds)
            return
        now = self._real.monotonic()
        began, last = self._waits.get(thread, (now, now))
        if now - last > self.PAUSE or thread in self.new_work:
            began = now  # another wait
            self.new_work.discard(thread)
        part = min(seconds, max(self.FIRST, (now - began) * self.SHARE), self.LONGEST)
        self._real.sleep(part)
        self._ahead += max(0.0, self._counts - part)
        self._waits[thread] = (began, self._real.monotonic())

    def time(self) -> float:
        """The time, with what the sleeps count for."""
        now: float = self._real.time()
        return now + self._ahead


def _quick_time(module: Any, counts: float = 0.0) -> None:
    if getattr(module, "time", None) is sys.modules.get("time"):
        module.time = QuickTime(sys.modules["time"], counts)


def _quick_session_helper(module: Any) -> None:
    _quick_logs(module)
    _quick_names(module)


def _quick_common(module: Any) -> None:
    _quick_time(module)
    _quick_names(module)


def _quick_names(module: Any) -> None:
    _addresses_read_once(module)
    _short_names_to_the_second(module)


def _short_names_to_the_second(module: Any) -> None:
    """Names tuning jobs to the second: the SDKs do it to the minute, in which several tuners may end here."""
    short = getattr(module, "sagemaker_short_timestamp", None)
    if short is None:
        return

    def sagemaker_short_timestamp() -> str:
        import time

        return time.strftime("%y%m%d-%H%M%S") if wanted() else str(short())

    sagemaker_short_timestamp.__doc__ = short.__doc__
    module.sagemaker_short_timestamp = sagemaker_short_timestamp


def _addresses_read_once(module: Any) -> None:
    """Keeps botocore's table of addresses: the SDKs read its half megabyte of JSON several times in each `fit()`."""
    name = "_botocore_resolver" if hasattr(module, "_botocore_resolver") else "botocore_resolver"
    read = getattr(module, name)
    kept: list[Any] = []

    def resolver() -> Any:
        if not kept:
            kept.append(read())
        return kept[0]

    resolver.__doc__ = read.__doc__
    setattr(module, name, resolver)


def _quick_session(module: Any) -> None:
    _quick_logs(module)
    _old_session_inputs(module)


def _quick_logs(module: Any) -> None:
    """Waits quickly in a module with loops that show a log, whose clock says when they look at the job's state."""
    _quick_time(module, LOOK)
    follow = getattr(module, "_logs_for_job", None)
    clock = module.time
    if follow is None or not isinstance(clock, QuickTime):
        return

    def _logs_for_job(*args: Any, **kwargs: Any) -> Any:
        if not (kwargs.get("timeout") or (len(args) > 5 and args[5])):
            return follow(*args, **kwargs)
        # A limit in seconds is meant in real ones.
        import threading

        thread = threading.get_ident()
        clock.plain.add(thread)
        try:
            return follow(*args, **kwargs)
        finally:
            clock.plain.discard(thread)

    _logs_for_job.__doc__ = follow.__doc__
    module._logs_for_job = _logs_for_job


def _settings_of_manager_checked_once(module: Any) -> None:
    _settings_checked_once(module.SageMakerConfig)


def _settings_checked_once(owner: Any) -> None:
    """Does not check settings again that were found right: deploy() does it 19 times, which takes it over two seconds.

    Args:
        owner: the module or the class that has the check.
    """
    check = owner.validate_sagemaker_config
    right: set[str] = set()

    def validate_sagemaker_config(sagemaker_config: Any = None) -> None:
        text = repr(sagemaker_config)
        if text not in right:
            check(sagemaker_config)
            right.add(text)

    validate_sagemaker_config.__doc__ = check.__doc__
    once = validate_sagemaker_config
    owner.validate_sagemaker_config = staticmethod(once) if isinstance(owner, type) else once


def _no_telemetry(module: Any) -> None:
    for name in ("_send_telemetry_request", "_requests_helper"):
        if hasattr(module, name):
            setattr(module, name, _nothing)


def _nothing(*args: Any, **kwargs: Any) -> None:
    return None


def _old_serializers(module: Any) -> None:
    """`sagemaker.predictor.csv_serializer` and its kin of version 1, which tutorials still import."""
    from sagemaker import deserializers, serializers

    for name, home, kind in (
        ("csv_serializer", serializers, "CSVSerializer"),
        ("json_serializer", serializers, "JSONSerializer"),
        ("npy_serializer", serializers, "NumpySerializer"),
        ("csv_deserializer", deserializers, "CSVDeserializer"),
        ("json_deserializer", deserializers, "JSONDeserializer"),
        ("numpy_deserializer", deserializers, "NumpyDeserializer"),
    ):
        if not hasattr(module, name):
            setattr(module, name, getattr(home, kind)())


def _old_inputs(module: Any) -> None:
    """`sagemaker.s3_input` of version 1 is `sagemaker.inputs.TrainingInput`."""
    inputs = sys.modules.get("sagemaker.inputs")
    if inputs is not None and not hasattr(module, "s3_input"):
        module.s3_input = inputs.TrainingInput
    session = sys.modules.get("sagemaker.session")
    if session is not None:
        _old_session_inputs(session)


def _old_session_inputs(module: Any) -> None:
    """`sagemaker.session.s3_input` of version 1."""
    inputs = sys.modules.get("sagemaker.inputs")
    if inputs is not None and hasattr(inputs, "TrainingInput") and not hasattr(module, "s3_input"):
        module.s3_input = inputs.TrainingInput
