"""Cases of training, tuning and batch transform jobs."""

from __future__ import annotations

from tests.contract.routes import things
from tests.contract.routes.case import Case, lists, named

CASES: dict[str, Case] = {
    "listTrainingJobs": Case(query=lambda p: {"search": things.training(p)}, check=lists(things.training)),
    "describeTrainingJob": Case(parts=lambda p: (things.training(p),), check=named(things.training)),
    "getTrainingJobLogs": Case(parts=lambda p: (things.training(p),)),
    "stopTrainingJob": Case(parts=lambda p: (things.new_training(p, 1_000_000),)),
    "createTrainingJob": Case(body=things.training_form),
    "deleteTrainingJob": Case(parts=lambda p: (things.ended_training(p),)),
    "downloadTrainingJobLog": Case(parts=lambda p: (things.training(p),)),
    "getTrainingJobMetrics": Case(parts=lambda p: (things.training(p),)),
    "getTrainingInstanceMetrics": Case(parts=lambda p: (things.training(p),)),
    "cloneTrainingJob": Case(
        parts=lambda p: (things.training(p),), check=lambda p, job: job["algorithm"] == "xgboost"
    ),
    "tuneTrainingJob": Case(
        parts=lambda p: (things.training(p),), check=lambda p, job: job["training"]["algorithm"] == "xgboost"
    ),
    "deployTrainingJob": Case(
        parts=lambda p: (things.training(p),), body=lambda p: {"endpoint_name": p.name("of-training")}
    ),
    "getTrainingOptions": Case(),
    "planTrainingJob": Case(body=things.training_form, check=lambda p, plan: plan["problems"] == []),
}

CASES |= {
    "listTuningJobs": Case(query=lambda p: {"search": things.tuning(p)}, check=lists(things.tuning)),
    "createTuningJob": Case(body=things.tuning_form),
    "describeTuningJob": Case(parts=lambda p: (things.tuning(p),), check=named(things.tuning)),
    "deleteTuningJob": Case(parts=lambda p: (things.ended_tuning(p),)),
    "listTrials": Case(parts=lambda p: (things.tuning(p),)),
    "stopTuningJob": Case(parts=lambda p: (things.new_tuning(p, max_jobs=100),)),
    "cloneTuningJob": Case(
        parts=lambda p: (things.tuning(p),), check=lambda p, form: form["objective"] == "validation:logloss"
    ),
    "planTuningJob": Case(body=things.tuning_form, check=lambda p, plan: plan["problems"] == []),
    "listTransformJobs": Case(query=lambda p: {"search": things.transform(p)}, check=lists(things.transform)),
    "createTransformJob": Case(body=things.transform_form),
    "describeTransformJob": Case(parts=lambda p: (things.transform(p),), check=named(things.transform)),
    "listTransformOutputs": Case(parts=lambda p: (things.transform(p),)),
    "getTransformJobLogs": Case(parts=lambda p: (things.transform(p),)),
    "downloadTransformJobLog": Case(parts=lambda p: (things.transform(p),)),
    "stopTransformJob": Case(parts=lambda p: (things.long_transform(p),)),
    "cloneTransformJob": Case(
        parts=lambda p: (things.transform(p),),
        check=lambda p, form: form["model_name"] == things.model(p),
    ),
    "getTransformOptions": Case(check=lambda p, options: things.model(p) in options["models"] or p.aws),
    "planTransformJob": Case(body=things.transform_form, check=lambda p, plan: plan["problems"] == []),
}
