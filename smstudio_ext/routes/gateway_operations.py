"""The REST API's operations on Jupyter gateways."""

from __future__ import annotations

from smstudio_ext.routes.operation import Operation

GATEWAY_OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "GET", "gateways", "listGateways", "Jupyter gateways and the kernels they offer", "gateways.Gateways"
    ),
    Operation(
        "POST",
        "gateways",
        "addGateway",
        "Set a Jupyter gateway up",
        "gateways.GatewayOffer",
        body="gateways.AddGateway",
        status=201,
    ),
    Operation(
        "POST",
        "gateway-form/test",
        "testGateway",
        "Ask a Jupyter gateway that is not set up what it offers; nothing is kept",
        "gateways.GatewayOffer",
        body="gateways.AddGateway",
    ),
    Operation(
        "GET",
        "gateways/{name}",
        "describeGateway",
        "One Jupyter gateway, and what it offers now",
        "gateways.GatewayOffer",
    ),
    Operation(
        "PUT",
        "gateways/{name}",
        "updateGateway",
        "Change a Jupyter gateway's settings",
        "gateways.GatewayOffer",
        body="gateways.AddGateway",
    ),
    Operation(
        "DELETE", "gateways/{name}", "removeGateway", "Forget a Jupyter gateway", "gateways.GatewayOffer"
    ),
    Operation(
        "GET",
        "clusters",
        "listClusters",
        "Clusters that a notebook can attach to",
        "clusters.Clusters",
        runs="clusters.list_clusters",
    ),
    Operation(
        "POST",
        "clusters/cell",
        "writeClusterCell",
        "The cell that attaches a notebook to a cluster",
        "clusters.ClusterCell",
        body="clusters.AttachCluster",
        runs="clusters.connecting_cell",
    ),
)
