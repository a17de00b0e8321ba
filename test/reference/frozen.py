"""Tiny encoders as the hub has them, with random weights: makes test/fixtures/frozen/<name>/ and its expected.json.

    python frozen.py        (torch 2.13, transformers 5.18, onnx 1.23 with onnxruntime 1.30)

Each folder has config.json, what its images or captions are prepared by, and onnx/*.onnx in the layouts of the hub's exports.
expected.json: for two images of ../data/pictures the prepared pixels (a few places and the sum), pooled and region features;
for each caption its token ids, pooled and token features. All by transformers: PIL's image processors, its tokenizers and its models
in float32; tokenizers are trained here on the few sentences below.
"""

import json
import os
import shutil

import numpy as np
import onnx
import torch
import transformers as tr
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.float16 import convert_float_to_float16
from PIL import Image
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "../fixtures/frozen")
PHOTOS = [os.path.join(HERE, "../fixtures/data/pictures", name) for name in ("photo-small.jpg", "kind-exif-1.jpg")]
CAPTIONS = [
    "a red apple on a table",
    "Two Dogs, running left!",
    "ein grüner Baum am Fluß",
    "左边的红苹果",
    "the table the table the table and a long caption that goes on and on beyond what any of these encoders reads",
]
CORPUS = CAPTIONS + ["apple tree", "red table", "green dog", "Dogs and trees", "苹果 红 左 右 边", "a b c d e f g h i j k l m n o p q r s t u v w x y z"]

torch.manual_seed(0)


def numbers(tensor):
    return [float(f"{v:.7g}") for v in tensor.detach().double().flatten().tolist()]


class Outputs(torch.nn.Module):
    """A model that takes tensors by place and gives the named outputs as a tuple."""

    def __init__(self, model, inputs, outputs):
        super().__init__()
        self.model, self.inputs, self.outputs = model, inputs, outputs

    def forward(self, *args):
        found = self.model(**dict(zip(self.inputs, args)))
        return tuple(getattr(found, name) for name in self.outputs)


def export(model, folder, name, inputs, outputs, variants=()):
    """inputs: {name: example}. Written as <name>.onnx, and as the variants beside it."""
    os.makedirs(os.path.join(folder, "onnx"), exist_ok=True)
    path = os.path.join(folder, "onnx", f"{name}.onnx")
    axes = {n: ({0: "batch_size"} if n == "pixel_values" else {0: "batch_size", 1: "sequence_length"}) for n in inputs}
    axes.update({n: {0: "batch_size"} for n in outputs})
    if "last_hidden_state" in outputs and "input_ids" in inputs:
        axes["last_hidden_state"] = {0: "batch_size", 1: "sequence_length"}
    torch.onnx.export(
        Outputs(model, list(inputs), outputs).eval(),
        tuple(inputs.values()),
        path,
        input_names=list(inputs),
        output_names=outputs,
        dynamic_axes=axes,
        opset_version=17,
        dynamo=False,
    )
    graph = onnx.load(path)
    for node in graph.graph.node:
        node.doc_string = ""
    onnx.save(graph, path)
    for variant in variants:
        other = os.path.join(folder, "onnx", f"{name}_{variant}.onnx")
        if variant.startswith("fp16"):
            # As most of the hub's exports: numbers inside are halved, those that go in and out stay float32; some halve these too.
            keeps = variant == "fp16"
            onnx.save(convert_float_to_float16(onnx.load(path), keep_io_types=keeps), other.replace("_whole", ""))
        else:
            quantize_dynamic(path, other, weight_type=QuantType.QUInt8)


def begin(name):
    folder = os.path.join(OUT, name)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    return folder


def finish(folder, expected):
    for name in os.listdir(folder):
        if name.endswith(".json"):
            path = os.path.join(folder, name)
            data = json.load(open(path, encoding="utf-8"))
            json.dump(data, open(path, "w", encoding="utf-8"), ensure_ascii=False, separators=(",", ":"))
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as file:
        json.dump(expected, file, ensure_ascii=False)
        file.write("\n")


def image_expectation(processor, model, pooled, states=None, prefix=0):
    """`states`: what gives regions, [batch, tokens, width] or [batch, width, rows, columns]; `prefix`: tokens before the patches."""
    found = []
    for path in PHOTOS:
        pixels = processor(Image.open(path).convert("RGB"), return_tensors="pt")["pixel_values"]
        out = model(pixel_values=pixels)
        _, _, height, width = pixels.shape
        points = [(0, 0, 0), (1, height // 3, width // 2), (2, height - 1, width - 1), (0, height - 1, 0)]
        last = out.last_hidden_state
        regions = last[:, prefix:] if last.dim() == 3 else last.flatten(2).transpose(1, 2)
        found.append(
            {
                "file": os.path.basename(path),
                "shape": [height, width],
                "points": [[*p, float(f"{float(pixels[0][p]):.7g}")] for p in points],
                "pixel_sum": float(pixels.double().sum()),
                "pixel_square_sum": float((pixels.double() ** 2).sum()),
                "pooled": numbers(pooled(out)[0]),
                "regions": numbers(regions[0]),
                "region_count": regions.shape[1],
            }
        )
    return found


def text_expectation(tokenizer, model, pooled, length, padding=False):
    found = []
    for caption in CAPTIONS:
        options = {"padding": "max_length"} if padding else {}
        tokens = tokenizer(caption, truncation=True, max_length=length, return_tensors="pt", **options)
        inputs = {k: v for k, v in tokens.items() if k in ("input_ids", "attention_mask")}
        if padding:
            inputs.pop("attention_mask", None)
        out = model(**inputs)
        found.append(
            {
                "caption": caption,
                "ids": tokens["input_ids"][0].tolist(),
                "pooled": numbers(pooled(out)[0]),
                "states": numbers(out.last_hidden_state[0]),
            }
        )
    return found


def mean(out):
    return out.last_hidden_state.mean(1)


SIDE = 32
pixels = torch.zeros(2, 3, SIDE, SIDE)
ids = torch.ones(2, 6, dtype=torch.long)
mask = torch.ones(2, 6, dtype=torch.long)


# CLIP: two towers in one folder, byte-level BPE, the shortest side resized with bicubic and the centre cropped.
def clip_tokenizer():
    tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>"))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(
                Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), behavior="removed", invert=True
            ),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=640,
        initial_alphabet=alphabet,
        special_tokens=["<|startoftext|>", "<|endoftext|>"],
        end_of_word_suffix="</w>",
    )
    tokenizer.train_from_iterator(CORPUS, trainer)
    begin_id, end_id = tokenizer.token_to_id("<|startoftext|>"), tokenizer.token_to_id("<|endoftext|>")
    tokenizer.post_processor = processors.RobertaProcessing(
        ("<|endoftext|>", end_id), ("<|startoftext|>", begin_id), trim_offsets=False, add_prefix_space=False
    )
    tokenizer.decoder = decoders.ByteLevel()
    return tr.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<|startoftext|>",
        eos_token="<|endoftext|>",
        unk_token="<|endoftext|>",
        pad_token="<|endoftext|>",
        model_max_length=16,
    )


folder = begin("clip")
tokenizer = clip_tokenizer()
common = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "projection_dim": 12}
config = tr.CLIPConfig(
    text_config={
        **common,
        "vocab_size": len(tokenizer),
        "max_position_embeddings": 16,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    },
    vision_config={**common, "hidden_size": 24, "image_size": SIDE, "patch_size": 8},
    projection_dim=12,
)
vision = tr.CLIPVisionModelWithProjection(config.vision_config).eval()
text = tr.CLIPTextModelWithProjection(config.text_config).eval()
processor = tr.CLIPImageProcessorPil(size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE})
config.save_pretrained(folder)
processor.save_pretrained(folder)
tokenizer.save_pretrained(folder)
export(vision, folder, "vision_model", {"pixel_values": pixels}, ["image_embeds", "last_hidden_state"], ["fp16", "quantized"])
export(text, folder, "text_model", {"input_ids": ids, "attention_mask": mask}, ["text_embeds", "last_hidden_state"])
finish(
    folder,
    {
        "images": image_expectation(processor, vision, lambda out: out.image_embeds, prefix=1),
        "captions": text_expectation(tokenizer, text, lambda out: out.text_embeds, 16),
    },
)


# SigLIP: squeezed to the square, every caption padded to the whole length, no mask, SentencePiece.
def sentencepiece(special, template, normalizer):
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.train_from_iterator(CORPUS, trainers.UnigramTrainer(vocab_size=120, special_tokens=special, unk_token="<unk>"))
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=template, special_tokens=[(t, tokenizer.token_to_id(t)) for t in special if t in template.split()]
    )
    return tokenizer


folder = begin("siglip")
tokenizer = tr.PreTrainedTokenizerFast(
    tokenizer_object=sentencepiece(
        ["<pad>", "</s>", "<unk>"],
        "$A </s>",
        normalizers.Sequence([normalizers.Lowercase(), normalizers.Replace(Regex(r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]"), ""), normalizers.Strip()]),
    ),
    eos_token="</s>",
    pad_token="</s>",
    unk_token="<unk>",
    model_max_length=12,
)
common = {"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2}
config = tr.SiglipConfig(
    text_config={**common, "vocab_size": len(tokenizer), "max_position_embeddings": 12},
    vision_config={**common, "image_size": SIDE, "patch_size": 8},
)
vision = tr.SiglipVisionModel(config.vision_config).eval()
text = tr.SiglipTextModel(config.text_config).eval()
processor = tr.SiglipImageProcessorPil(size={"height": SIDE, "width": SIDE})
config.save_pretrained(folder)
processor.save_pretrained(folder)
tokenizer.save_pretrained(folder)
export(vision, folder, "vision_model", {"pixel_values": pixels}, ["last_hidden_state", "pooler_output"])
export(text, folder, "text_model", {"input_ids": torch.ones(2, 12, dtype=torch.long)}, ["last_hidden_state", "pooler_output"])
finish(
    folder,
    {
        "images": image_expectation(processor, vision, lambda out: out.pooler_output),
        "captions": text_expectation(tokenizer, text, lambda out: out.pooler_output, 12, padding=True),
    },
)

# Image encoders alone.
folder = begin("dinov2")
config = tr.Dinov2Config(
    hidden_size=16, num_hidden_layers=1, num_attention_heads=2, mlp_ratio=2, image_size=SIDE, patch_size=8, layerscale_value=0.5
)
model = tr.Dinov2Model(config).eval()
processor = tr.BitImageProcessorPil(
    size={"shortest_edge": 40},
    crop_size={"height": SIDE, "width": SIDE},
    resample=3,
    image_mean=[0.485, 0.456, 0.406],
    image_std=[0.229, 0.224, 0.225],
)
config.save_pretrained(folder)
processor.save_pretrained(folder)
export(model, folder, "model", {"pixel_values": pixels}, ["last_hidden_state"])
finish(folder, {"images": image_expectation(processor, model, lambda out: out.pooler_output, prefix=1)})

folder = begin("vit")
config = tr.ViTConfig(
    hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32, image_size=SIDE, patch_size=8
)
model = tr.ViTModel(config, add_pooling_layer=False).eval()
processor = tr.ViTImageProcessorPil(size={"height": SIDE, "width": SIDE})
config.save_pretrained(folder)
processor.save_pretrained(folder)
export(model, folder, "model", {"pixel_values": pixels}, ["last_hidden_state"], ["fp16_whole"])
finish(folder, {"images": image_expectation(processor, model, lambda out: out.last_hidden_state[:, 0], prefix=1)})

folder = begin("convnext")
config = tr.ConvNextConfig(num_stages=2, depths=[1, 1], hidden_sizes=[8, 16])
model = tr.ConvNextModel(config).eval()
processor = tr.ConvNextImageProcessorPil(size={"shortest_edge": SIDE}, crop_pct=0.875)
config.save_pretrained(folder)
processor.save_pretrained(folder)
export(model, folder, "model", {"pixel_values": pixels}, ["last_hidden_state", "pooler_output"])
finish(folder, {"images": image_expectation(processor, model, lambda out: out.pooler_output)})

folder = begin("resnet")
config = tr.ResNetConfig(embedding_size=8, hidden_sizes=[8, 16], depths=[1, 1], layer_type="basic")
model = tr.ResNetModel(config).eval()
processor = tr.ConvNextImageProcessorPil(size={"shortest_edge": SIDE}, crop_pct=0.875, resample=3)
config.save_pretrained(folder)
processor.save_pretrained(folder)
export(model, folder, "model", {"pixel_values": pixels}, ["last_hidden_state", "pooler_output"])
finish(folder, {"images": image_expectation(processor, model, lambda out: out.pooler_output.flatten(1))})

# Text encoders alone.
folder = begin("bert")
characters = sorted({c for sentence in CORPUS for c in sentence if not c.isspace()})
words = ["the", "table", "apple", "red", "and", "Dogs", "Two", "running", "left", "on", "dog", "Baum", "ein", "tree"]
vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *[f"##{c}" for c in characters if c.isalpha()], *words, "##s"]
vocabulary = list(dict.fromkeys(vocabulary))
with open(os.path.join(folder, "vocab.txt"), "w", encoding="utf-8") as file:
    file.write("\n".join(vocabulary) + "\n")
with open(os.path.join(folder, "tokenizer_config.json"), "w") as file:
    json.dump({"do_lower_case": False, "model_max_length": 16, "tokenizer_class": "BertTokenizer"}, file)
tokenizer = tr.BertTokenizer(vocab={t: i for i, t in enumerate(vocabulary)}, do_lower_case=False)
config = tr.BertConfig(
    vocab_size=len(vocabulary),
    hidden_size=16,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=32,
    max_position_embeddings=16,
)
model = tr.BertModel(config).eval()
config.save_pretrained(folder)
export(model, folder, "model", {"input_ids": ids, "attention_mask": mask, "token_type_ids": torch.zeros_like(ids)}, ["last_hidden_state"])
finish(folder, {"captions": text_expectation(tokenizer, model, mean, 16)})

folder = begin("distilbert")
small = Tokenizer(models.WordPiece(unk_token="[UNK]"))
small.normalizer = normalizers.BertNormalizer(lowercase=True)
small.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
small.train_from_iterator(CORPUS, trainers.WordPieceTrainer(vocab_size=150, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]))
small.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
small.decoder = decoders.WordPiece()
tokenizer = tr.PreTrainedTokenizerFast(
    tokenizer_object=small, cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]", model_max_length=16
)
config = tr.DistilBertConfig(vocab_size=len(tokenizer), dim=16, hidden_dim=32, n_layers=1, n_heads=2, max_position_embeddings=16)
model = tr.DistilBertModel(config).eval()
config.save_pretrained(folder)
tokenizer.save_pretrained(folder)
export(model, folder, "model", {"input_ids": ids, "attention_mask": mask}, ["last_hidden_state"], ["quantized"])
finish(folder, {"captions": text_expectation(tokenizer, model, mean, 16)})

folder = begin("xlm-roberta")
tokenizer = tr.PreTrainedTokenizerFast(
    tokenizer_object=sentencepiece(["<s>", "<pad>", "</s>", "<unk>"], "<s> $A </s>", normalizers.NFKC()),
    bos_token="<s>",
    eos_token="</s>",
    cls_token="<s>",
    sep_token="</s>",
    pad_token="<pad>",
    unk_token="<unk>",
    model_max_length=16,
)
config = tr.XLMRobertaConfig(
    vocab_size=len(tokenizer),
    hidden_size=16,
    num_hidden_layers=1,
    num_attention_heads=2,
    intermediate_size=32,
    max_position_embeddings=18,
    pad_token_id=1,
    bos_token_id=0,
    eos_token_id=2,
)
model = tr.XLMRobertaModel(config, add_pooling_layer=False).eval()
config.save_pretrained(folder)
tokenizer.save_pretrained(folder)
export(model, folder, "model", {"input_ids": ids, "attention_mask": mask}, ["last_hidden_state"])
finish(folder, {"captions": text_expectation(tokenizer, model, mean, 16)})
