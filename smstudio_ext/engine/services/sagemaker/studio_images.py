"""Own images of Studio, their versions and configurations at the wire."""

from __future__ import annotations

from typing import Any

from smstudio_ext.engine.context import Call, EngineContext
from smstudio_ext.engine.services.registry import operation
from smstudio_ext.engine.studio import image_configs, images, listing
from smstudio_ext.engine.studio.names import APP_IMAGE_CONFIG, IMAGE, IMAGE_VERSION

Document = dict[str, Any]
_DEFAULT_ALIASES = 10


@operation("sagemaker", "CreateImage")
def create_image(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes an image."""
    return {"ImageArn": images.create_image(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeImage")
def describe_image(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes an image."""
    return images.get_image(ctx, call.region, request["ImageName"]).document


@operation("sagemaker", "ListImages")
def list_images(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists images, the newest first unless told otherwise."""
    filters = [
        listing.of_kind(IMAGE),
        *listing.name_contains(request.get("NameContains")),
        *listing.times(request),
    ]
    page = listing.page(ctx, call.region, filters, request, descending=True)
    return {"Images": [row.document for row in page.items], "NextToken": page.next_token}


@operation("sagemaker", "UpdateImage")
def update_image(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes what an image says of itself."""
    return {"ImageArn": images.update_image(ctx, call.region, request).arn}


@operation("sagemaker", "DeleteImage")
def delete_image(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes an image and its versions away."""
    images.delete_image(ctx, call.region, request["ImageName"])


@operation("sagemaker", "CreateImageVersion")
def create_image_version(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes a version of an image."""
    return {"ImageVersionArn": images.create_version(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeImageVersion")
def describe_image_version(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a version of an image."""
    return images.get_version(ctx, call.region, request).document


@operation("sagemaker", "ListImageVersions")
def list_image_versions(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists versions of an image, the newest first unless told otherwise."""
    images.get_image(ctx, call.region, request["ImageName"])
    filters = [
        listing.of_kind(IMAGE_VERSION),
        listing.within(f"{request['ImageName']}/"),
        *listing.times(request),
    ]
    page = listing.page(ctx, call.region, filters, request, descending=True)
    return {"ImageVersions": [row.document for row in page.items], "NextToken": page.next_token}


@operation("sagemaker", "UpdateImageVersion")
def update_image_version(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes aliases and descriptions of a version."""
    return {"ImageVersionArn": images.update_version(ctx, call.region, request).arn}


@operation("sagemaker", "DeleteImageVersion")
def delete_image_version(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes a version of an image away."""
    images.delete_version(ctx, call.region, request)


@operation("sagemaker", "ListAliases")
def list_aliases(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists the aliases of an image, or of one of its versions."""
    name = request["ImageName"]
    if request.get("Alias") or request.get("Version") is not None:
        versions = [images.get_version(ctx, call.region, request)]
    else:
        images.get_image(ctx, call.region, name)
        versions = images.versions_of(ctx, call.region, name)
    aliases = sorted(alias for version in versions for alias in version.internal["aliases"])
    found, token = listing.part(aliases, request, _DEFAULT_ALIASES)
    return {"SageMakerImageVersionAliases": found, "NextToken": token}


@operation("sagemaker", "CreateAppImageConfig")
def create_app_image_config(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Makes the configuration of an image as an app."""
    return {"AppImageConfigArn": image_configs.create_config(ctx, call.region, request).arn}


@operation("sagemaker", "DescribeAppImageConfig")
def describe_app_image_config(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Describes a configuration."""
    return image_configs.get_config(ctx, call.region, request["AppImageConfigName"]).document


@operation("sagemaker", "ListAppImageConfigs")
def list_app_image_configs(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Lists configurations, the newest first unless told otherwise."""
    filters = [
        listing.of_kind(APP_IMAGE_CONFIG),
        *listing.name_contains(request.get("NameContains")),
        *listing.times(request, modified="ModifiedTime"),
    ]
    page = listing.page(ctx, call.region, filters, request, descending=True)
    return {"AppImageConfigs": [row.document for row in page.items], "NextToken": page.next_token}


@operation("sagemaker", "UpdateAppImageConfig")
def update_app_image_config(ctx: EngineContext, call: Call, request: Document) -> Document:
    """Changes a configuration."""
    return {"AppImageConfigArn": image_configs.update_config(ctx, call.region, request).arn}


@operation("sagemaker", "DeleteAppImageConfig")
def delete_app_image_config(ctx: EngineContext, call: Call, request: Document) -> None:
    """Takes a configuration away."""
    image_configs.delete_config(ctx, call.region, request["AppImageConfigName"])
