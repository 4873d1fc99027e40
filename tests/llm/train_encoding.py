"""Training the program's own encoding: byte pairs merged by how often they occur in the package's prose and in common words.

`python tests/llm/train_encoding.py` writes composer/llm/encoding/prose.bpe anew; a test holds the file to be exactly what this makes.
The result depends on the texts alone: ties go to the pair that is smaller as bytes. It never touches any other file.
"""

from __future__ import annotations

import base64
import heapq
import sys
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import regex

ROOT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))

from composer.llm.tokens import PATTERN  # noqa: E402

CORPUS = ROOT / "composer" / "llm" / "embedded" / "corpus"
WORDS = Path(__file__).with_name("common_words.txt")
TARGET = ROOT / "composer" / "llm" / "encoding" / "prose.bpe"

MERGES = 4000
LEAST = 5
"""A pair that weighs less is not worth a token."""
WORD = 5
"""What a common word weighs. The fables are short of words: without these, other prose would count for far more than it is."""


def fables() -> list[str]:
    """The package's fables, each with title, beats and paragraphs."""
    told: list[list[str]] = []
    for file in sorted(CORPUS.glob("*.txt"), key=lambda path: path.name):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.startswith("= "):
                told.append([])
            if line.strip() and not line.startswith("@"):
                told[-1].append(line[2:] if line[:2] in ("= ", "> ") else line)
    return ["\n\n".join(lines) + "\n\n" for lines in told]


def weigh(texts: list[str], words: str) -> Counter[bytes]:
    """What each piece of text weighs: in how many texts it occurs, so that a hero's name is no token, and what a common word weighs.

    Of the words, one that begins with a hyphen is the end of others.
    """
    weights: Counter[bytes] = Counter()
    for text in texts:
        weights.update({piece.encode() for piece in regex.findall(PATTERN, text)})
    for word in words.split():
        weights[(word[1:] if word[0] == "-" else " " + word).encode()] += WORD
    return weights


def train(counts: Counter[bytes], merges: int = MERGES, least: int = LEAST) -> list[bytes]:
    """The tokens that merging adds to the 256 bytes, in order of rank."""
    words = [[bytes((byte,)) for byte in word] for word in sorted(counts)]
    weights = [counts[word] for word in sorted(counts)]
    total: Counter[tuple[bytes, bytes]] = Counter()
    where: dict[tuple[bytes, bytes], set[int]] = defaultdict(set)
    for at, word in enumerate(words):
        for pair in pairwise(word):
            total[pair] += weights[at]
            where[pair].add(at)
    heap = [(-count, pair) for pair, count in total.items()]
    heapq.heapify(heap)
    tokens: list[bytes] = []
    known: set[bytes] = set()
    while heap and len(tokens) < merges:
        count, pair = heapq.heappop(heap)
        if -count != total[pair]:
            if total[pair] >= least:
                heapq.heappush(heap, (-total[pair], pair))
            continue
        if -count < least:
            break
        joined = pair[0] + pair[1]
        if joined not in known:
            known.add(joined)
            tokens.append(joined)
        changed: set[tuple[bytes, bytes]] = set()
        for at in where.pop(pair):
            word = words[at]
            for old in pairwise(word):
                total[old] -= weights[at]
            merged: list[bytes] = []
            index = 0
            while index < len(word):
                if index + 1 < len(word) and (word[index], word[index + 1]) == pair:
                    merged.append(joined)
                    index += 2
                else:
                    merged.append(word[index])
                    index += 1
            words[at] = merged
            for new in pairwise(merged):
                total[new] += weights[at]
                where[new].add(at)
                changed.add(new)
        for each in changed:
            if joined in each:
                heapq.heappush(heap, (-total[each], each))
    return tokens


def encoded(tokens: list[bytes]) -> bytes:
    """The file: a token a line, its rank is 256 and the number of lines before it."""
    return b"".join(base64.b64encode(token) + b"\n" for token in tokens)


def rebuild() -> bytes:
    return encoded(train(weigh(fables(), WORDS.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    TARGET.write_bytes(rebuild())
    print(f"{TARGET}: {len(TARGET.read_bytes().splitlines())} tokens")
