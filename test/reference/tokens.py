"""Token ids of varied texts by transformers' BertTokenizer: makes test/fixtures/data/tokens.json.

    python tokens.py        (transformers 5.18, tokenizers 0.23)

The vocabulary is media/bert-base-uncased-vocab.txt. Each entry: [text, ids], special tokens included, not truncated.
"""

import json
import os
import random
import sys
import unicodedata

from transformers import BertTokenizer

HERE = os.path.dirname(os.path.abspath(__file__))
tokenizer = BertTokenizer(vocab=os.path.join(HERE, "../../media/bert-base-uncased-vocab.txt"))
random.seed(20)

ENGLISH = """a two young guys with shaggy hair look at their hands while hanging out in the yard . photo of snowboarders
jumping off the ramp near Mt. Fuji's summit ; it's 3:45pm and don't stop (really)! e-mail me@example.com #sunset
supercalifragilisticexpialidocious antidisestablishmentarianism 1,234.56 $99.99 50% 10km/h U.S.A. rock'n'roll""".split()
TEXTS = [
    "", " ", "\n", "a", "A", "The quick brown fox jumps over the lazy dog.", "it's a dog's life", "don't can't won't I'll we've",
    "state-of-the-art", "mother-in-law", "hello,world", "end...", "wait -- what?!", "C++ and C# and .NET", "a_b_c snake_case", "100% of 3/4",
    "http://example.com/a?b=c&d=e#f", "user@example.com", "$1,000.00", "3.14159", "1e-3", "0x1F", "2024-12-31T23:59:59Z",
    "[MASK]", "a [MASK] of a dog", "[CLS] hello [SEP]", "[PAD][UNK]", "[mask]", "[ MASK ]", "x[MASK]y", "[MASK].", "[[MASK]]", "[unused1] [unused0]", "[UNK] word", "[SEP][SEP]",
    "café", "cafe\u0301", "naïve façade", "Ångström", "A\u030angstro\u0308m", "ÀÉÎÕÜ ÇÑ", "Straße", "STRASSE", "ﬁne ﬂow", "œuvre Æsir", "Ðorð Þing", "łódź", "İstanbul", "ıstanbul", "Iİıi", "Ǆ ǅ ǆ", "ß ẞ",
    "Σίσυφος", "ΣΊΣΥΦΟΣ", "ΟΔΟΣ", "Привет, мир!", "ЁЛКА ёлка й", "Україна ї є ґ", "שלום עולם", "שָׁלוֹם", "مرحبا بالعالم", "مُحَمَّد", "हिन्दी भाषा", "नमस्ते", "ภาษาไทย", "สวัสดีครับ", "বাংলা", "தமிழ்", "ქართული", "ᲥᲐᲠᲗᲣᲚᲘ", "Հայերեն", "አማርኛ", "ខ្មែរ", "မြန်မာ",
    "一只猫坐在桌子上", "两个年轻人在院子里", "中文和English混合text", "繁體中文測試", "日本語のテキスト", "カタカナ ひらがな", "ｶﾀｶﾅ 半角", "がぎぐげご", "ガギグ", "한국어 문장입니다", "ㄱㄴㄷ", "東京tower", "𠀀𠀁 𪚥", "㐀㐁", "豈更車", "〇一二三", "、。「」", "ＦＵＬＬ　ｗｉｄｔｈ", "１２３",
    "😀", "a 😀 b", "👩‍👩‍👧‍👦 family", "🏳️‍🌈", "👍🏽", "🇩🇪🇫🇷", "❤️", "☺", "1️⃣ 2️⃣", "♥♦♣♠", "→ ← ↑", "★☆", "dog🐶cat🐱", "🐼" * 30,
    "a\tb\nc\rd", "a\u00a0b", "a\u2003b\u2009c", "a\u200bb", "a\u200db", "a\u200eb\u200fc", "\ufeffbom", "a\u0000b", "a\u0001b\u001fc", "a\u007fb", "a\u000bb\u000cc\u001cd", "a\u0085b", "a\u00adb", "a\u2028b\u2029c", "a\ufffdb", "\ufffd", "a\u3000b", "a\u180eb", "a\u2060b", "a\ue000b", "a\U000f0000b", "a\u0378b", "tab\tend\t",
    "“quoted” ‘single’ «guillemets» „low“", "em—dash en–dash ‒ ―", "ellipsis…", "¿qué? ¡hola!", "©®™ §¶†‡", "±×÷≠≤≥∞", "½ ¼ ¾ ⅓", "x² x³ H₂O", "№ ℃ Å K", "€£¥₹₽", "a^b`c~d|e\\f", "{}[]()<>", "`code`", "a·b・c", "‰ ′ ″", "°C 25°", "¨ ´ ˆ ˜ ¸", "^ ` $ + < = > | ~",
    "a" * 100, "a" * 101, "b" * 200, "é" * 100, "x" * 99 + "y", "z" * 50 + "-" + "z" * 60, "word " * 700, "the cat sat on the mat . " * 110, "un" * 40, "字" * 620, "?" * 300,
    "\u0301", "a\u0301\u0302\u0303\u0304", "\u0301a", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!", "ᾳ ᾼ ΐ", "ﷺ", "ﬀ ﬃ ﬆ", "㎏ ㏑", "ⅷ Ⅷ", "①②③", "Ⓐⓐ", "ｱﾞ", "\u1e9b\u0323", "\u212b \u2126", "Ω ℧", "ϒ ϓ", "İ̇", "Dž", "ʼn ŉ", "ǰ", "ΰ", "և", "ẖ ẗ ẘ ẙ ẚ", "ᏣᎳᎩ ꮳꮃ", "Ა ა", "Ɐ Ɑ", "𝐇𝐞𝐥𝐥𝐨", "𝒽𝑒𝓁𝓁𝑜", "𐐀𐐨", "Ⴀ ⴀ",
]
BLOCKS = [
    (0x20, 0x7E), (0xA0, 0xFF), (0x100, 0x24F), (0x250, 0x2AF), (0x300, 0x36F), (0x370, 0x3FF), (0x400, 0x52F), (0x590, 0x5F4), (0x600, 0x6FF), (0x900, 0x97F),
    (0xE00, 0xE5B), (0x1E00, 0x1EFF), (0x1F00, 0x1FFE), (0x2000, 0x206F), (0x20A0, 0x20BF), (0x2100, 0x214F), (0x2190, 0x21FF), (0x2200, 0x22FF), (0x2500, 0x257F), (0x2600, 0x27BF),
    (0x3000, 0x303F), (0x3040, 0x30FF), (0x3400, 0x34FF), (0x4E00, 0x9FFF), (0xAC00, 0xD7A3), (0xF900, 0xFAFF), (0xFB00, 0xFB4F), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0x1D400, 0x1D7FF), (0x1F300, 0x1F6FF), (0x20000, 0x20100),
    (0, 0x1F), (0x7F, 0x9F),
]


def assigned(point):
    """Only characters of Unicode 13 and before: libraries of different ages agree on them."""
    char = chr(point)
    return unicodedata.ucd_3_2_0.category(char) != "Cn" or unicodedata.category(char) not in ("Cn", "Cs")


def mixed():
    parts = []
    for _ in range(random.randint(1, 14)):
        if random.random() < 0.5:
            word = random.choice(ENGLISH)
            parts.append(random.choice([word, word.upper(), word.capitalize()]))
        else:
            low, high = random.choice(BLOCKS)
            points = [random.randint(low, high) for _ in range(random.randint(1, 6))]
            parts.append("".join(chr(p) for p in points if assigned(p)))
    return random.choice([" ", " ", " ", "", "  ", "-", "\t"]).join(parts)


TEXTS += [" ".join(random.choices(ENGLISH, k=random.randint(3, 25))) for _ in range(80)]
TEXTS += [mixed() for _ in range(400)]

entries = [[text, tokenizer(text)["input_ids"]] for text in TEXTS]
with open(os.path.join(HERE, "../fixtures/data/tokens.json"), "w", encoding="utf-8") as file:
    file.write("[\n" + ",\n".join(json.dumps(entry, ensure_ascii=True, separators=(",", ":")) for entry in entries) + "\n]\n")
print(len(entries), "texts, longest", max(len(ids) for _, ids in entries), file=sys.stderr)
