"""Hyperparameters of k-NN, as its container declares them."""

from __future__ import annotations

from smstudio_ext.engine.images.firstparty.parameters import Parameter as P

FLAT, IVF_FLAT, IVF_PQ = "faiss.Flat", "faiss.IVFFlat", "faiss.IVFPQ"

DECLARED = (
    P("feature_dim", "int", low=1, required=True),
    P("k", "int", low=1, required=True),
    P("predictor_type", "choice", choices=("classifier", "regressor"), required=True),
    P("sample_size", "int", low=1, required=True),
    P("dimension_reduction_target", "int", low=1),
    P("dimension_reduction_type", "choice", choices=("sign", "fjlt")),
    P("faiss_index_ivf_nlists", "int", "auto", 1, auto=True),
    P("faiss_index_pq_m", "int", low=1),
    P("index_metric", "choice", "L2", choices=("COSINE", "INNER_PRODUCT", "L2")),
    P("index_type", "choice", FLAT, choices=(FLAT, IVF_FLAT, IVF_PQ)),
    P("mini_batch_size", "int", "5000", 1),
)
