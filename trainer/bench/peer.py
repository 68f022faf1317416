"""The Python peer of the benchmark: PyTorch and Hugging Face's Trainer and pipeline, timed from inside.

Reads a JSON request from each line of standard input and answers it with a JSON line on standard output.
This file measures; nothing of the product runs it.
"""

import contextlib
import json
import os
import sys
import tempfile
import time

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

# What libraries print must not mix with the answers.
ANSWERS = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

import torch  # noqa: E402
import transformers  # noqa: E402
from safetensors.torch import load_file  # noqa: E402

racers = {}
pipelines = {}


def about(request):
    import accelerate

    torch.set_num_threads(request["threads"])
    capability = torch.backends.cpu.get_cpu_capability()
    return {
        "versions": f"PyTorch {torch.__version__} ({capability}), transformers {transformers.__version__}, accelerate {accelerate.__version__}",
        "bf16": torch.ops.mkldnn._is_mkldnn_bf16_supported(),
    }


def open_racer(request):
    """A BertForSequenceClassification with random weights, AdamW in its fused kernel, and a batch."""
    torch.manual_seed(1)
    config = transformers.BertConfig(**request["config"], num_labels=request["labels"])
    config.hidden_dropout_prob = request["dropout"]
    # Our step has no dropout on the attention; it would cost the peer its fused attention.
    config.attention_probs_dropout_prob = 0.0
    model = transformers.BertForSequenceClassification(config).train()
    return model, torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0.01, fused=True)


def step(request):
    """Milliseconds of each of some training steps on one batch."""
    if request["name"] not in racers:
        racers[request["name"]] = open_racer(request)
    model, optimizer = racers[request["name"]]
    ids = torch.tensor(request["ids"])
    batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": torch.tensor(request["targets"])}
    autocast = torch.autocast("cpu", dtype=torch.bfloat16) if request["bf16"] else contextlib.nullcontext()
    times = []
    for _ in range(request["steps"]):
        started = time.perf_counter()
        with autocast:
            loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        times.append(1000 * (time.perf_counter() - started))
    return {"milliseconds": times}


class Clock(transformers.TrainerCallback):
    def __init__(self):
        self.started = self.ended = None

    def on_step_begin(self, *_, **__):
        self.started = self.started or time.perf_counter()

    def on_step_end(self, *_, **__):
        self.ended = time.perf_counter()


def run(request):
    """Some steps of a training by Hugging Face's Trainer as it goes: everything between its first step and its last."""
    with open(request["data"], encoding="utf-8") as file:
        rows = json.load(file)
    tokenizer = transformers.AutoTokenizer.from_pretrained(request["base"])
    encoded = tokenizer([row["text"] for row in rows], truncation=True, max_length=request["maxTokens"])
    data = [{"input_ids": ids, "labels": row["label"]} for ids, row in zip(encoded["input_ids"], rows)]
    torch.manual_seed(request["seed"])
    model = transformers.AutoModelForSequenceClassification.from_pretrained(request["base"], num_labels=request["labels"])
    known = transformers.TrainingArguments.__dataclass_fields__
    if not request["groupByLength"]:
        grouping = {}
    elif "train_sampling_strategy" in known:
        grouping = {"train_sampling_strategy": "group_by_length"}
    else:
        grouping = {"group_by_length": True}
    with tempfile.TemporaryDirectory() as folder:
        arguments = transformers.TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=request["batchSize"],
            max_steps=request["steps"],
            learning_rate=request["learningRate"],
            seed=request["seed"],
            use_cpu=True,
            bf16=request["bf16"],
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            **grouping,
        )
        clock = Clock()
        trainer = transformers.Trainer(
            model=model,
            args=arguments,
            train_dataset=data,
            data_collator=transformers.DataCollatorWithPadding(tokenizer),
            callbacks=[clock],
        )
        torch.set_num_threads(request["threads"])
        trainer.train()
    return {"seconds": clock.ended - clock.started, "messages": request["steps"] * request["batchSize"]}


class Exported(transformers.BertForSequenceClassification):
    """The exported network: pooled, and with the intent head, as its manifest says."""

    def shape(self, pooling, cosine):
        """Takes the last layer out of the encoder where it is asked once for a message; call it when the weights are there."""
        self.cosine = cosine
        self.last = None
        if pooling == "attention":
            self.last = self.bert.encoder.layer[-1]
            self.bert.encoder.layer = self.bert.encoder.layer[:-1]

    def ask(self, pooled, states, mask):
        """The last layer for one state of each message, which attends to those of its tokens."""
        attention = self.last.attention.self
        heads = self.config.num_attention_heads
        split = lambda x: x.unflatten(-1, (heads, -1)).transpose(1, 2)  # noqa: E731
        query, key, value = attention.query(pooled).unsqueeze(1), attention.key(states), attention.value(states)
        context = torch.nn.functional.scaled_dot_product_attention(split(query), split(key), split(value), attn_mask=mask[:, None, None, :].bool())
        attended = self.last.attention.output(context.transpose(1, 2).flatten(1), pooled)
        return self.last.output(self.last.intermediate(attended), attended)

    def forward(self, input_ids=None, attention_mask=None, token_type_ids=None, **_):
        states = self.bert(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids).last_hidden_state
        real = attention_mask.unsqueeze(-1).to(states.dtype)
        pooled = (states * real).sum(1) / real.sum(1)
        if self.last is not None:
            pooled = self.ask(pooled, states, attention_mask)
        if self.cosine:
            normalize = torch.nn.functional.normalize
            logits = torch.nn.functional.linear(20 * normalize(pooled), normalize(self.classifier.weight), self.classifier.bias)
        else:
            logits = self.classifier(pooled)
        return transformers.modeling_outputs.SequenceClassifierOutput(logits=logits)


def open_pipeline(folder):
    weights = load_file(os.path.join(folder, "model.safetensors"))
    config = transformers.AutoConfig.from_pretrained(folder)
    config.num_labels = weights["intent_head.weight"].shape[0]
    model = Exported(config).eval()
    with open(os.path.join(folder, "manifest.json")) as file:
        recipe = json.load(file)["recipe"]
    if recipe["pooling"] not in ("mean", "attention"):
        raise ValueError(f"{folder} pools by {recipe['pooling']}; this peer knows mean and attention")
    renamed = {"intent_head.weight": "classifier.weight", "intent_head.bias": "classifier.bias"}
    state = {renamed.get(name, f"bert.{name}"): values for name, values in weights.items() if not name.startswith("priority_head")}
    missing, unexpected = model.load_state_dict(state, strict=False)
    missing = [name for name in missing if "pooler" not in name and "position_ids" not in name]
    if missing or unexpected:
        raise ValueError(f"{folder} is not the network that pipeline is to run: missing {missing}, unexpected {unexpected}")
    model.shape(recipe["pooling"], recipe["head"] == "cosine")
    return transformers.pipeline("text-classification", model=model, tokenizer=transformers.AutoTokenizer.from_pretrained(folder), device=-1)


def classify(request):
    """Milliseconds of each message alone, or of all in batches, and the index of each one's intent."""
    folder = request["folder"]
    if folder not in pipelines:
        pipelines[folder] = open_pipeline(folder)
    pipe = pipelines[folder]
    torch.set_num_threads(request["threads"])
    texts = request["texts"]
    options = {"truncation": True, "max_length": request["maxTokens"]}
    if request["batchSize"] > 1:
        ordered = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        started = time.perf_counter()
        answers = pipe([texts[i] for i in ordered], batch_size=request["batchSize"], **options)
        times = [1000 * (time.perf_counter() - started)]
        answers = [answer for _, answer in sorted(zip(ordered, answers), key=lambda pair: pair[0])]
    else:
        times, answers = [], []
        for text in texts:
            started = time.perf_counter()
            answers.append(pipe(text, **options)[0])
            times.append(1000 * (time.perf_counter() - started))
    return {"milliseconds": times, "intents": [int(answer["label"].removeprefix("LABEL_")) for answer in answers]}


def forget(_):
    racers.clear()
    pipelines.clear()
    return {}


REQUESTS = {"about": about, "step": step, "run": run, "classify": classify, "forget": forget}

for line in sys.stdin:
    try:
        request = json.loads(line)
        answer = REQUESTS[request["what"]](request)
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    ANSWERS.write(json.dumps(answer) + "\n")
    ANSWERS.flush()
