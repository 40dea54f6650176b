"""Cells in the spelling of SageMaker SDK 1 that the first tutorial does not use, and what they print."""

from __future__ import annotations

CELLS = [
    # Names that are gone, by the modules that had them.
    """import boto3, io, sagemaker, numpy as np, pandas as pd
from sagemaker.amazon.amazon_estimator import get_image_uri
from sagemaker.amazon.common import numpy_to_record_serializer, record_deserializer
from sagemaker.content_types import CONTENT_TYPE_CSV, CONTENT_TYPE_JSON
from sagemaker.predictor import (RealTimePredictor, BytesDeserializer, StringDeserializer, csv_serializer,
                                 csv_deserializer, json_serializer, json_deserializer, npy_serializer)
from sagemaker.session import s3_input, ShuffleConfig
from sagemaker.inputs import s3_input as again
print('one class =', s3_input is again is sagemaker.s3_input is sagemaker.inputs.TrainingInput)
print('called =', csv_serializer([1, 2]), json_serializer({'a': 1}), csv_deserializer(io.BytesIO(b'1,2'), 'text/csv'))
print('types =', CONTENT_TYPE_CSV, CONTENT_TYPE_JSON, csv_serializer.content_type)
print('image =', get_image_uri('us-east-1', 'xgboost', '0.90-1'))
print('record =', type(numpy_to_record_serializer()).__name__)
""",
    # Arguments of estimators, deploy() with media types, a predictor made by hand.
    """role = sagemaker.get_execution_role()
session = sagemaker.Session()
bucket = session.default_bucket()
random = np.random.default_rng(1)
rows = pd.DataFrame({'y': np.arange(200) % 2, 'x': np.arange(200) % 2 + random.normal(0, .1, 200), 'z': random.normal(0, 1, 200)})
train, rest = np.split(rows, [150])
left, right = np.array_split(rows['x'], 2)
print('kept =', type(train).__name__, list(train.columns), rest.index[0], type(left).__name__, len(right))
train.to_csv('train.csv', header=False, index=False)
data = session.upload_data('train.csv', bucket=bucket, key_prefix='version1/train')
estimator = sagemaker.estimator.Estimator(image_name=get_image_uri('us-east-1', 'xgboost', '1.7-1'), role=role,
    train_instance_count=1, train_instance_type='ml.m4.xlarge', train_volume_size=7, train_max_run=600,
    output_path='s3://{}/version1/output'.format(bucket), hyperparameters={'objective': 'binary:logistic', 'num_round': '5'})
estimator.fit({'train': sagemaker.s3_input(data, distribution='FullyReplicated', content_type='text/csv')}, logs=False)
job = boto3.client('sagemaker').describe_training_job(TrainingJobName=estimator.latest_training_job.name)
print('job =', job['ResourceConfig'], job['StoppingCondition'])
print('attributes =', estimator.train_instance_type, estimator.train_image() == estimator.image_uri)
""",
    """predictor = estimator.deploy(1, 'ml.m4.xlarge', content_type='text/csv', accept='text/csv')
print('deployed =', predictor.content_type, predictor.accept)
predictor.serializer = lambda data: ','.join(str(value) for value in data)
print('function =', round(float(predictor.predict([1.0, 0.0]).decode())), round(float(predictor.predict([0.0, 0.0]).decode())))
plain = RealTimePredictor(predictor.endpoint, session, serializer=None, deserializer=None, content_type='text/csv')
print('by hand =', round(float(plain.predict('1.0,0.0').decode())))
strings = RealTimePredictor(endpoint=predictor.endpoint, serializer=csv_serializer, deserializer=csv_deserializer)
print('lists =', [[round(float(cell)) for cell in row] for row in strings.predict([[1.0, 0.0]])])
""",
    # A new model behind the same endpoint; an endpoint deleted by the estimator that made it.
    """before = boto3.client('sagemaker').describe_endpoint(EndpointName=predictor.endpoint)['EndpointConfigName']
updated = estimator.deploy(1, 'ml.m4.xlarge', endpoint_name=predictor.endpoint, update_endpoint=True)
found = boto3.client('sagemaker').describe_endpoint(EndpointName=predictor.endpoint)
print('updated =', updated.endpoint == predictor.endpoint, found['EndpointConfigName'] != before, found['EndpointStatus'])
estimator.delete_endpoint()
try:
    status = boto3.client('sagemaker').describe_endpoint(EndpointName=predictor.endpoint)['EndpointStatus']
except Exception as error:
    status = error.response['Error']['Code']
print('deleted =', status in ('Deleting', 'ValidationException'))
""",
    # Models in version 1's order of arguments, frameworks without versions, S3 helpers with `session`.
    """from sagemaker.model import Model
from sagemaker.sklearn.estimator import SKLearn
from sagemaker.tensorflow import TensorFlow
from sagemaker.tensorflow.serving import Model as ServingModel
model = Model(estimator.model_data, estimator.train_image(), role=role, sagemaker_session=session)
named = Model(model_data=estimator.model_data, image=estimator.train_image(), role=role)
print('model =', model.model_data == named.model_data == estimator.model_data, model.image_uri == named.image_uri == estimator.image_uri, model.role == role)
open('train.py', 'w').write('pass')
old = SKLearn(entry_point='train.py', train_instance_type='ml.m4.xlarge', role=role, sagemaker_session=session)
print('sklearn =', old.framework_version, old.py_version, old.instance_type, old.instance_count)
script = TensorFlow(entry_point='train.py', role=role, train_instance_count=1, train_instance_type='ml.m4.xlarge', script_mode=True,
    framework_version='1.12', distributions={'parameter_server': {'enabled': True}})
print('tensorflow =', script.framework_version, script.distribution)
from sagemaker.s3 import S3Downloader, S3Uploader
S3Uploader.upload('train.csv', 's3://{}/version1/again'.format(bucket), session=session)
print('s3 =', S3Downloader.list('s3://{}/version1/again'.format(bucket), session=session) == ['s3://{}/version1/again/train.csv'.format(bucket)])
""",
    # Built-in algorithms by their classes.
    """from sagemaker import KMeans
kmeans = KMeans(role=role, train_instance_count=1, train_instance_type='ml.c4.xlarge', k=2, output_path='s3://{}/version1'.format(bucket))
kmeans.fit(kmeans.record_set(rows[['x', 'z']].values.astype('float32')), logs=False)
clusters = kmeans.deploy(1, 'ml.m4.xlarge')
answers = clusters.predict(rows[['x', 'z']].values.astype('float32')[:4])
print('kmeans =', sorted({int(answer.label['closest_cluster'].float32_tensor.values[0]) for answer in answers}))
kmeans.delete_endpoint()
""",
]

EXPECTED = {
    "one class": "True",
    "called": "1,2 {\"a\": 1} [['1', '2']]",
    "types": "text/csv application/json text/csv",
    "image": "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:0.90-1-cpu-py3",
    "record": "RecordSerializer",
    "kept": "DataFrame ['y', 'x', 'z'] 150 Series 100",
    "job": "{'InstanceType': 'ml.m4.xlarge', 'InstanceCount': 1, 'VolumeSizeInGB': 7} {'MaxRuntimeInSeconds': 600}",
    "attributes": "ml.m4.xlarge True",
    "deployed": "text/csv text/csv",
    "function": "1 0",
    "by hand": "1",
    "lists": "[[1]]",
    "updated": "True True InService",
    "deleted": "True",
    "model": "True True True",
    "sklearn": "0.20.0 py3 ml.m4.xlarge 1",
    "tensorflow": "1.12 {'parameter_server': {'enabled': True}}",
    "s3": "True",
    "kmeans": "[0, 1]",
}
