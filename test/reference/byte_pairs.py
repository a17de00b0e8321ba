"""Tokenizers as vocab.json and merges.txt, without a tokenizer.json: makes test/fixtures/data/byte-pairs/<kind>/ and its expected.json.

    python byte_pairs.py        (transformers 5.18, tokenizers)

The pairs are learnt here from a few sentences; the ids are those of transformers' CLIPTokenizer and RobertaTokenizer over these two files.
"""

import json
import os
import shutil
import tempfile

import transformers as tr
from tokenizers import ByteLevelBPETokenizer, Tokenizer, models, pre_tokenizers, trainers

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../fixtures/data/byte-pairs")
CORPUS = [
    "a red apple on a table",
    "two dogs, running left and running right!",
    "ein grüner Baum am Fluß",
    "左边的红苹果",
    "the table the table the table and a long caption that goes on and on",
    "it's a dog's life; we're 12 dogs, they've 345",
]
CAPTIONS = [
    *CORPUS,
    "A  Red\tApple\nON a   table",
    "  space before and after  ",
    "",
    "It's 2026, DON'T they'll",
    "naïve café, e\u0301 and ﬁne 🍎🍎 x",
    "#hash @at snake_case a/b 3.14 (x)!?...",
    "a <|endoftext|> in the middle",
    "a </s> in the middle",
]


def save(kind, vocab, merges, make):
    folder = os.path.join(OUT, kind)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    with open(os.path.join(folder, "vocab.json"), "w", encoding="utf-8") as file:
        json.dump(vocab, file, ensure_ascii=False)
    with open(os.path.join(folder, "merges.txt"), "w", encoding="utf-8") as file:
        file.write("#version: 0.2\n" + "\n".join(" ".join(pair) for pair in merges) + "\n")
    with tempfile.TemporaryDirectory() as place:
        for name in ("vocab.json", "merges.txt"):
            shutil.copy(os.path.join(folder, name), place)
        tokenizer = make(place)
    expected = [{"caption": caption, "ids": tokenizer(caption)["input_ids"]} for caption in CAPTIONS]
    with open(os.path.join(folder, "expected.json"), "w", encoding="utf-8") as file:
        json.dump(expected, file, ensure_ascii=False)
        file.write("\n")


# CLIP: words end in </w>, small letters.
tokenizer = Tokenizer(models.BPE(unk_token="<|endoftext|>", end_of_word_suffix="</w>"))
tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.ByteLevel(add_prefix_space=False)])
alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
tokenizer.train_from_iterator(
    [line.lower() for line in CORPUS],
    trainers.BpeTrainer(vocab_size=640, initial_alphabet=alphabet, end_of_word_suffix="</w>"),
)
learnt = json.loads(tokenizer.to_str())["model"]
pieces = [*learnt["vocab"], *(f"{letter}</w>" for letter in alphabet)]
pieces = [*dict.fromkeys(pieces), "<|startoftext|>", "<|endoftext|>"]
save("clip", {piece: at for at, piece in enumerate(pieces)}, learnt["merges"], tr.CLIPTokenizer.from_pretrained)

# RoBERTa: a space before a word is part of it.
tokenizer = ByteLevelBPETokenizer()
tokenizer.train_from_iterator(CORPUS, vocab_size=400, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
learnt = json.loads(tokenizer.to_str())["model"]
save("roberta", learnt["vocab"], learnt["merges"], tr.RobertaTokenizer.from_pretrained)
