"""Training program of the BlazingText image."""

from __future__ import annotations

from pathlib import Path

from smstudio_ext.engine.images.blazingtext import classifier, word2vec
from smstudio_ext.engine.images.blazingtext.parameters import CHANNELS, DECLARED, check_combination
from smstudio_ext.engine.images.blazingtext.text import read_examples, text_files
from smstudio_ext.engine.images.contract import AlgorithmError
from smstudio_ext.engine.images.deep.job import Job, StopSignal, open_job
from smstudio_ext.engine.images.firstparty.hosts import Hosts


def train(optml: Path) -> None:
    """Trains on the `train` channel; writes `vectors.txt`, `vectors.bin` and `eval.json`, or `model.bin`.

    Raises:
        AlgorithmError: bad hyperparameters or data, or a package that the mode needs is missing.
    """
    job = open_job(optml, "AWS/BlazingText", DECLARED, channels=CHANNELS, several_hosts=True)
    check_combination(job.parameters)
    mode = job.parameters["mode"]
    if len(job.hosts) > 1 and mode != "batch_skipgram":
        raise AlgorithmError(
            f"Mode '{mode}' trains on one instance; only 'batch_skipgram' trains on several. Set InstanceCount to 1."
        )
    with StopSignal() as stop:
        if mode == "supervised":
            _classify(job, stop)
        else:
            _embed(job, stop)


def _classify(job: Job, stop: StopSignal) -> None:
    examples = read_examples(job.channel("train"))
    held_out = read_examples(job.channels["validation"]) if "validation" in job.channels else None
    fitted = classifier.fit(examples, held_out, job.parameters, stop)
    print("Training finished.", flush=True)
    print(f"Total training time in seconds: {fitted.seconds:.2f}", flush=True)
    print(f"#train_accuracy: {fitted.train_accuracy:.6g}", flush=True)
    print(f"Number of train examples: {len(examples[0])}", flush=True)
    if held_out is not None:
        print(f"#validation_accuracy: {fitted.validation_accuracy:.6g}", flush=True)
        print(f"Number of validation examples: {len(held_out[0])}", flush=True)
    fitted.classifier.save(job.model_dir / "model.bin", job.parameters)


def _embed(job: Job, stop: StopSignal) -> None:
    if "validation" in job.channels:
        raise AlgorithmError(
            "Word2Vec modes read the channel 'train' alone; 'validation' is for 'supervised'."
        )
    chosen = job.parameters
    sentences = word2vec.Sentences(text_files(job.channel("train")), stop, job.rank, len(job.hosts))
    model = word2vec.build(sentences, chosen)
    print(f"Number of words in training file: {model.corpus_total_words}", flush=True)
    print(f"Vocabulary size: {len(model.wv)}", flush=True)
    hosts = Hosts.of_job(job.optml)
    try:
        seconds = word2vec.fit(model, sentences, chosen, stop, hosts)
    finally:
        hosts.close()
    print("Training finished.", flush=True)
    speed = model.corpus_total_words * chosen["epochs"] / max(seconds, 1e-9) / 1e6
    print(f"Average throughput in Million words/sec: {speed:.2f}", flush=True)
    print(f"Total training time in seconds: {seconds:.2f}", flush=True)
    if job.rank == 0:
        word2vec.save(model, job.model_dir, chosen)
        if chosen["evaluation"]:
            word2vec.write_evaluation(word2vec.evaluate(model), job.model_dir)
