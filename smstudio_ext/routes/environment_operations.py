"""The REST API's operations on notebooks' environments."""

from __future__ import annotations

from smstudio_ext.routes.operation import Operation

_BUILD = "environments/images/{name}/build"

ENVIRONMENT_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET",
        "environments",
        "listEnvironments",
        "Images, kernels and defaults of notebooks",
        "environments.Environments",
    ),
    Operation(
        "GET",
        "environments/of",
        "getNotebookEnvironment",
        "What a notebook runs on",
        "environments.NotebookEnvironment",
        query="environments.EnvironmentQuery",
    ),
    Operation(
        "PUT",
        "environments/chosen",
        "chooseEnvironment",
        "Choose the environment of a notebook's next kernel",
        "environments.ChosenEnvironment",
        body="environments.ChooseEnvironment",
    ),
    Operation(
        "GET",
        "environments/instance-types",
        "listStudioInstanceTypes",
        "Instance types of notebooks",
        "environments.StudioInstanceTypes",
    ),
    Operation(
        "GET",
        "environments/startup-scripts",
        "listStartupScripts",
        "Start-up scripts that may be chosen",
        "environments.StartupScripts",
        runs="startup_scripts.list_startup_scripts",
    ),
    Operation(
        "GET",
        "environments/startup-scripts/{name}",
        "readStartupScript",
        "The text of a start-up script",
        "environments.StartupScriptText",
        runs="startup_scripts.read_startup_script",
    ),
    Operation(
        "POST",
        "environments/terminals",
        "openImageTerminal",
        "Open a terminal in an image",
        "environments.OpenedTerminal",
        body="environments.OpenTerminal",
        status=201,
    ),
    Operation(
        "GET",
        _BUILD,
        "getImageBuild",
        "How the building of an image goes",
        "environments.ImageBuild",
        query="environments.BuildQuery",
    ),
    Operation("POST", _BUILD, "startImageBuild", "Build an image", "environments.ImageBuild", status=202),
    Operation(
        "DELETE", _BUILD, "cancelImageBuild", "Stop building an image", "environments.ImageBuild", status=202
    ),
)
