"""Cells for what three other documents of the project's beginning ask of training, tuning and hosting, and what they print.

`NOTES` follows the notes on SageMaker (algorithms by name, formats, Pipe mode, models opened again), `GUIDE` the notes on
the developer guide (processing, variants, scaling, update, batch transform), `TUNING` the workshop's two tuned candidates.
"""

from __future__ import annotations

_START = """import boto3, io, json, os, tarfile, sagemaker, numpy as np, pandas as pd
from sagemaker import image_uris
from sagemaker.estimator import Estimator
from sagemaker.inputs import TrainingInput
from sagemaker.serializers import CSVSerializer
role, session = sagemaker.get_execution_role(), sagemaker.Session()
client, s3, region = boto3.client('sagemaker'), boto3.client('s3'), session.boto_region_name
random = np.random.default_rng(3)
features = random.normal(0, 1, (300, 4)).astype('float32')
labels = (features[:, 0] + features[:, 1] > 0).astype('float32')
"""

NOTES = [
    _START
    + """# a bucket with `sagemaker` in its name; CSV without header, target first
bucket = 'sagemaker-notes-003'
s3.create_bucket(Bucket=bucket)
output = 's3://{}/output'.format(bucket)
pd.DataFrame(np.column_stack([labels, features])).to_csv('labelled.csv', header=False, index=False)
pd.DataFrame(features).to_csv('plain.csv', header=False, index=False)
labelled = session.upload_data('labelled.csv', bucket, 'labelled')
plain = session.upload_data('plain.csv', bucket, 'plain')

def train(algorithm, hyperparameters, uri, content_type, version='latest', **options):
    estimator = Estimator(image_uris.retrieve(algorithm, region, version=version), role, 1, 'ml.m5.large',
        output_path=output, hyperparameters=hyperparameters, **options)
    estimator.fit({'train': TrainingInput(uri, content_type=content_type)}, logs=False)
    name = estimator.model_data.split(bucket + '/')[1]
    return estimator, tarfile.open(fileobj=io.BytesIO(s3.get_object(Bucket=bucket, Key=name)['Body'].read()))
""",
    """# supervised: Linear Learner and XGBoost under the names of the notes, Factorization Machines on sparse recordIO
for kind in ('binary_classifier', 'regressor'):
    _, archive = train('linear-learner', {'predictor_type': kind, 'feature_dim': 4, 'mini_batch_size': 50, 'epochs': 2}, labelled, 'text/csv')
    print('linear', kind, '=', archive.getnames())
for objective in ('reg:logistic', 'reg:linear'):
    xgb, archive = train('xgboost', {'objective': objective, 'num_round': 5}, labelled, 'text/csv', '1')
    print('xgboost', objective, '=', archive.getnames())
archive.extractall('.', filter='data')
""",
    """# `[ ] try reloading an XGBoost serialized model outside of the notebook`
import xgboost
with open('xgboost-model', 'rb') as file:
    pickled = file.read(1) == bytes([0x80])
print('pickled =', pickled)
import pickle, sys
told = !{sys.executable} -m smstudio_ext.cli model inspect xgboost-model
print('inspected =', any('pickle' in line for line in told))
booster = pickle.load(open('xgboost-model', 'rb'))
predicted = booster.predict(xgboost.DMatrix(features))
print('reloaded =', bool(((predicted > 0.5) == labels).mean() > 0.8))
""",
    """# unsupervised: label_size=0, and protobuf recordIO streamed in Pipe mode
import sagemaker.amazon.common as smac
_, archive = train('kmeans', {'k': 3, 'feature_dim': 4, 'mini_batch_size': 100}, plain, 'text/csv;label_size=0')
print('kmeans =', archive.getnames())
stream = io.BytesIO()
smac.write_numpy_to_dense_tensor(stream, features)
s3.put_object(Bucket=bucket, Key='proto/part', Body=stream.getvalue())
_, archive = train('pca', {'num_components': 2, 'feature_dim': 4, 'mini_batch_size': 100}, 's3://{}/proto/part'.format(bucket),
    'application/x-recordio-protobuf', input_mode='Pipe')
print('pca pipe =', archive.getnames())
import scipy.sparse
stream = io.BytesIO()
smac.write_spmatrix_to_sparse_tensor(stream, scipy.sparse.csr_matrix(features), labels)
s3.put_object(Bucket=bucket, Key='sparse/part', Body=stream.getvalue())
_, archive = train('factorization-machines', {'feature_dim': 4, 'num_factors': 2, 'predictor_type': 'binary_classifier', 'epochs': 2},
    's3://{}/sparse/part'.format(bucket), 'application/x-recordio-protobuf')
print('machines =', archive.getnames())
counts = io.BytesIO()
smac.write_numpy_to_dense_tensor(counts, random.poisson(1, (60, 8)).astype('float32'))
s3.put_object(Bucket=bucket, Key='counts/part', Body=counts.getvalue())
_, archive = train('lda', {'num_topics': 2, 'feature_dim': 8, 'mini_batch_size': 60}, 's3://{}/counts/part'.format(bucket),
    'application/x-recordio-protobuf')
print('lda =', archive.getnames())
""",
    """# a header is found, and said
pd.DataFrame(np.column_stack([labels, features]), columns=list('yabcd')).to_csv('header.csv', index=False)
try:
    train('linear-learner', {'predictor_type': 'regressor'}, session.upload_data('header.csv', bucket, 'header'), 'text/csv')
except Exception as error:
    print('header =', 'header' in str(error).lower())
""",
]

NOTES_EXPECTED = {
    "linear binary_classifier": "['model_algo-1']",
    "linear regressor": "['model_algo-1']",
    "xgboost reg:logistic": "['xgboost-model']",
    "xgboost reg:linear": "['xgboost-model']",
    "pickled": "True",
    "inspected": "True",
    "reloaded": "True",
    "kmeans": "['model_algo-1']",
    "pca pipe": "['model_algo-1']",
    "machines": "['model_algo-1']",
    "lda": "['model_algo-1']",
    "header": "True",
}

GUIDE = [
    _START
    + """# processing: before and after training
from sagemaker.processing import ProcessingInput, ProcessingOutput
from sagemaker.sklearn.processing import SKLearnProcessor
bucket = session.default_bucket()
open('prepare.py', 'w').write('''
import pandas as pd
table = pd.read_csv("/opt/ml/processing/input/raw.csv").dropna()
table.to_csv("/opt/ml/processing/output/clean.csv", header=False, index=False)
''')
table = pd.DataFrame(np.column_stack([labels, features]), columns=list('yabcd'))
table.iloc[5, 2] = None
table.to_csv('raw.csv', index=False)
processor = SKLearnProcessor(framework_version='1.2-1', role=role, instance_type='ml.t3.medium', instance_count=1)
processor.run('prepare.py', logs=False,
    inputs=[ProcessingInput(session.upload_data('raw.csv', bucket, 'guide'), '/opt/ml/processing/input')],
    outputs=[ProcessingOutput(source='/opt/ml/processing/output', destination='s3://{}/guide/clean'.format(bucket))])
clean = pd.read_csv(io.BytesIO(s3.get_object(Bucket=bucket, Key='guide/clean/clean.csv')['Body'].read()), header=None)
print('clean =', clean.shape)
""",
    """# a training job of four things: data, compute, output, image; then two variants behind one endpoint
models = []
for rounds in (2, 20):
    job = Estimator(image_uris.retrieve('xgboost', region, '1.7-1'), role, 1, 'ml.m5.large', output_path='s3://{}/guide/models'.format(bucket),
        hyperparameters={'objective': 'binary:logistic', 'num_round': rounds})
    job.fit({'train': TrainingInput('s3://{}/guide/clean/clean.csv'.format(bucket), content_type='text/csv')}, logs=False)
    models.append(session.create_model('guide-{}'.format(rounds), role, {'Image': job.image_uri, 'ModelDataUrl': job.model_data, 'Environment': {}}))
session.endpoint_from_production_variants('guide', [
    sagemaker.production_variant(models[0], 'ml.m5.large', 1, 'few', initial_weight=9),
    sagemaker.production_variant(models[1], 'ml.m5.large', 1, 'many', initial_weight=1)])
runtime = boto3.client('sagemaker-runtime')
row = ','.join(map(str, features[0]))
def ask(**options):
    return runtime.invoke_endpoint(EndpointName='guide', ContentType='text/csv', Body=row, **options)
print('variants =', [ask(TargetVariant=name)['InvokedProductionVariant'] for name in ('few', 'many')])
served = [ask()['InvokedProductionVariant'] for _ in range(60)]
print('split =', served.count('few') > served.count('many'))
""",
    """# scaling, and a change without taking models out of service
scaling, resource = boto3.client('application-autoscaling'), 'endpoint/guide/variant/many'
scaling.register_scalable_target(ServiceNamespace='sagemaker', ResourceId=resource, MinCapacity=1, MaxCapacity=2,
    ScalableDimension='sagemaker:variant:DesiredInstanceCount')
scaling.put_scaling_policy(PolicyName='invocations', ServiceNamespace='sagemaker', ResourceId=resource, PolicyType='TargetTrackingScaling',
    ScalableDimension='sagemaker:variant:DesiredInstanceCount', TargetTrackingScalingPolicyConfiguration={'TargetValue': 1000.0,
    'PredefinedMetricSpecification': {'PredefinedMetricType': 'SageMakerVariantInvocationsPerInstance'}})
print('policies =', [found['PolicyName'] for found in scaling.describe_scaling_policies(ServiceNamespace='sagemaker', ResourceId=resource)['ScalingPolicies']])
client.update_endpoint_weights_and_capacities(EndpointName='guide', DesiredWeightsAndCapacities=[
    {'VariantName': 'few', 'DesiredWeight': 0}, {'VariantName': 'many', 'DesiredWeight': 1}])
answered = [ask()['ResponseMetadata']['HTTPStatusCode'] for _ in range(20)]
client.get_waiter('endpoint_in_service').wait(EndpointName='guide')
print('moved =', set(answered), {ask()['InvokedProductionVariant'] for _ in range(20)})
session.delete_endpoint('guide')
""",
    """# batch transform: predictions of a whole file, joined to their rows; no endpoint is needed
clean[[1, 2, 3, 4]].to_csv('batch.csv', header=False, index=False)
transformer = job.transformer(1, 'ml.m5.large', output_path='s3://{}/guide/batch'.format(bucket), assemble_with='Line', accept='text/csv')
transformer.transform(session.upload_data('batch.csv', bucket, 'guide'), content_type='text/csv', split_type='Line', join_source='Input', logs=False)
joined = pd.read_csv(io.BytesIO(s3.get_object(Bucket=bucket, Key='guide/batch/batch.csv.out')['Body'].read()), header=None)
print('batch =', joined.shape, bool(((joined[4] > 0.5) == clean[0]).mean() > 0.9))
""",
]

GUIDE_EXPECTED = {
    "clean": "(299, 5)",
    "variants": "['few', 'many']",
    "split": "True",
    "policies": "['invocations']",
    "moved": "{200} {'many'}",
    "batch": "(299, 5) True",
}

TUNING = [
    _START
    + """# two candidates, eight training jobs, four at a time, Bayesian, the larger the better
from sagemaker.tuner import CategoricalParameter, ContinuousParameter, HyperparameterTuner, IntegerParameter
bucket = session.default_bucket()
table = pd.DataFrame(np.column_stack([labels, features]))
for name, part in (('train', table[:200]), ('validation', table[200:])):
    part.to_csv(name + '.csv', header=False, index=False)
    session.upload_data(name + '.csv', bucket, 'workshop')
inputs = {name: TrainingInput('s3://{}/workshop/{}.csv'.format(bucket, name), content_type='text/csv') for name in ('train', 'validation')}
trees = Estimator(image_uris.retrieve('xgboost', region, '1.7-1'), role, 1, 'ml.m5.large', output_path='s3://{}/workshop'.format(bucket),
    hyperparameters={'objective': 'binary:logistic', 'num_round': 10, 'eval_metric': 'f1'})
linear = Estimator(image_uris.retrieve('linear-learner', region), role, 1, 'ml.m5.large', output_path='s3://{}/workshop'.format(bucket),
    hyperparameters={'predictor_type': 'binary_classifier', 'feature_dim': 4, 'epochs': 3, 'mini_batch_size': 50})
tuner = HyperparameterTuner.create(base_tuning_job_name='workshop', strategy='Bayesian', objective_type='Maximize', max_parallel_jobs=4, max_jobs=8,
    estimator_dict={'dpp0-xgboost': trees, 'dpp1-linear-learner': linear},
    objective_metric_name_dict={'dpp0-xgboost': 'validation:f1', 'dpp1-linear-learner': 'validation:binary_f_beta'},
    hyperparameter_ranges_dict={'dpp0-xgboost': {'max_depth': IntegerParameter(2, 6), 'eta': ContinuousParameter(0.05, 0.5, 'Logarithmic')},
        'dpp1-linear-learner': {'l1': ContinuousParameter(1e-6, 1e-2, 'Logarithmic'), 'learning_rate': ContinuousParameter(1e-3, 0.1, 'Logarithmic')}})
tuner.fit(inputs={'dpp0-xgboost': inputs, 'dpp1-linear-learner': inputs}, include_cls_metadata={})
described = tuner.describe()
print('tuned =', described['HyperParameterTuningJobStatus'], described['TrainingJobStatusCounters']['Completed'])
""",
    """scores = tuner.analytics().dataframe()
best = described['BestTrainingJob']
print('rows =', len(scores), round(scores['FinalObjectiveValue'].max(), 4) == round(best['FinalHyperParameterTuningJobObjectiveMetric']['Value'], 4))
print('names =', sorted(set(scores['TrainingJobDefinitionName'])))
predictor = tuner.deploy(1, 'ml.m5.large', serializer=CSVSerializer())
answer = predictor.predict(features[:3]).decode()
print('served =', len(answer) > 0)
predictor.delete_endpoint()
""",
]

TUNING_EXPECTED = {
    "tuned": "Completed 8",
    "rows": "8 True",
    "names": "['dpp0-xgboost', 'dpp1-linear-learner']",
    "served": "True",
}
