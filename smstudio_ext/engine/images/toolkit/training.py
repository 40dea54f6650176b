"""The training toolkit: runs the script that `sagemaker_program` names, as AWS's framework images do."""

from __future__ import annotations

import json
import os
import shlex
import socket
import sys
import time
from pathlib import Path

from smstudio_ext.engine.images.toolkit.environment import Environment, base_dir
from smstudio_ext.engine.images.toolkit.failures import UserError
from smstudio_ext.engine.images.toolkit.jobpython import JobPython
from smstudio_ext.engine.images.toolkit.relay import run_child, run_command
from smstudio_ext.engine.images.toolkit.requirements import environment_for
from smstudio_ext.engine.images.toolkit.running import Container, require_framework
from smstudio_ext.engine.images.toolkit.scripts import become_script, can_run_here
from smstudio_ext.engine.images.toolkit.sources import EntryPoint, entry_point_kind, fetch_source

MASTER_PORT = "7777"
_INFO = 20
_OF_ONE_NAME = ("SM_HP_", "SM_CHANNEL_")
_RUNS_BY_TORCH = ("sagemaker_torch_distributed_enabled", "sagemaker_pytorch_ddp_enabled")
_NOT_OFFERED = {
    "sagemaker_mpi_enabled": "MPI (distribution={'mpi': ...})",
    "sagemaker_parameter_server_enabled": "Parameter servers",
    "sagemaker_multi_worker_mirrored_strategy_enabled": "MultiWorkerMirroredStrategy",
    "sagemaker_pytorch_xla_multi_worker_enabled": "PyTorch/XLA",
    "sagemaker_distributed_dataparallel_enabled": "SageMaker's distributed data parallel library",
}


def train(container: Container) -> int:
    """Fetches the source, installs what it needs, runs it; returns the exit code.

    Raises:
        UserError: the script failed or cannot be run; the message is the toolkit's.
    """
    environment = Environment(framework_module=container.framework.training_module)
    program = environment.user_entry_point
    if program is None:
        raise UserError(
            f"The image {container.image} has no training program of its own. Give a script in the hyperparameters "
            "sagemaker_program and sagemaker_submit_directory (as the SDK's estimators do), or a ContainerEntrypoint."
        )
    code = base_dir() / "code"
    say(environment, "Invoking user training script.")
    fetch_source(environment.module_dir, code)
    kind = entry_point_kind(code, str(program))
    shared = None
    requirements = code / "requirements.txt"
    if kind is EntryPoint.PACKAGE or (kind is EntryPoint.PROGRAM and requirements.exists()):
        package = kind is EntryPoint.PACKAGE
        say(environment, "Installing module." if package else "Installing dependencies from requirements.txt")
        shared = environment_for(requirements, container.cache, project=package)
    layers = () if shared is None else (shared.site_packages,)
    require_framework(container, layers)
    _run(container, environment, code, kind, container.python(layers))
    say(environment, "Reporting training SUCCESS")
    return 0


def _run(
    container: Container, environment: Environment, code: Path, kind: EntryPoint, python: JobPython
) -> None:
    program = str(environment.user_entry_point)
    if kind is not EntryPoint.PACKAGE and not (code / program).is_file():
        have = ", ".join(sorted(path.name for path in code.iterdir())) or "nothing"
        raise UserError(f"No file named '{program}' was found in the source directory; it holds: {have}.")
    variables = environment.to_env_vars()
    variables["PYTHONPATH"] = os.pathsep.join(filter(None, [str(code), os.environ.get("PYTHONPATH", "")]))
    values = python.environment(
        {**_not_of_the_engine(variables), **variables, **_rendezvous(container, environment)}
    )
    argv, plain = _command(environment, kind, python, code)
    shown = " ".join(argv)
    _tell_invocation(environment, variables, shown)
    if plain and not container.own_interpreter and not python.layers and can_run_here(code / program):

        def become() -> int:
            os.chdir(code)
            return become_script(program, environment.to_cmd_args(), python, values)

        run_child(become, shown)
        return
    run_command(argv, values, str(code), shown)


def _not_of_the_engine(variables: dict[str, str]) -> dict[str, str]:
    """This process's variables without those that the engine gives to programs that have no toolkit."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in variables or not name.startswith(_OF_ONE_NAME)
    }


def _command(
    environment: Environment, kind: EntryPoint, python: JobPython, code: Path
) -> tuple[list[str], bool]:
    """The command line, and whether it is nothing but a Python script."""
    program, arguments = str(environment.user_entry_point), environment.to_cmd_args()
    parameters = environment.additional_framework_parameters
    for name, what in _NOT_OFFERED.items():
        if parameters.get(name):
            raise UserError(f"{what} is not offered by the local engine; torch_distributed is.")
    if any(parameters.get(name) for name in _RUNS_BY_TORCH):
        if kind is not EntryPoint.PROGRAM:
            raise UserError("Unsupported entry point type for torch_distributed")
        return [*_torchrun(environment, python), program, *arguments], False
    if kind is EntryPoint.PACKAGE:
        return [str(python.python), "-m", str(environment.module_name), *arguments], False
    if kind is EntryPoint.PROGRAM:
        return [str(python.python), program, *arguments], True
    (code / program).chmod(0o777)
    words = " ".join(shlex.quote(argument) for argument in arguments)
    return ["/bin/sh", "-c", f"./{program} {words}"], False


def _torchrun(environment: Environment, python: JobPython) -> list[str]:
    hosts = environment.distribution_hosts
    per_host = int(
        environment.additional_framework_parameters.get("sagemaker_mpi_num_of_processes_per_host", 1)
    )
    command = [
        str(python.folder / "bin" / "torchrun"),
        "--nnodes",
        str(len(hosts)),
        "--nproc_per_node",
        str(per_host),
    ]
    if len(hosts) > 1:
        rank = str(hosts.index(environment.current_host))
        command += [
            "--master_addr",
            environment.master_hostname,
            "--master_port",
            MASTER_PORT,
            "--node_rank",
            rank,
        ]
    return command


def _rendezvous(container: Container, environment: Environment) -> dict[str, str]:
    """What PyTorch's image sets so that `init_process_group` finds the others."""
    if container.framework.package not in ("torch", "transformers"):
        return {}
    values = {"MASTER_ADDR": str(environment.master_hostname), "MASTER_PORT": MASTER_PORT}
    if len(environment.hosts) == 1:
        try:
            socket.gethostbyname(values["MASTER_ADDR"])
        except OSError:  # one host needs no name
            values["MASTER_ADDR"] = "127.0.0.1"
    return {name: os.environ.get(name, value) for name, value in values.items()}


def say(environment: Environment, message: str) -> None:
    """A line of the toolkit in the log."""
    if int(environment.log_level) <= _INFO:
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime())
        milliseconds = int(time.time() * 1000) % 1000
        print(f"{stamp},{milliseconds:03d} sagemaker-training-toolkit INFO     {message}", flush=True)


def _tell_invocation(environment: Environment, variables: dict[str, str], shown: str) -> None:
    facts = json.dumps(dict(environment), indent=4)
    listed = "\n".join(f"{name}={value}" for name, value in variables.items())
    say(
        environment,
        f"Invoking user script\n\nTraining Env:\n\n{facts}\n\nEnvironment variables:\n\n{listed}\n\n"
        f"Invoking script with the following command:\n\n{shown}\n\n",
    )
    sys.stdout.flush()
