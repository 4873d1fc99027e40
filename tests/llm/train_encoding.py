"""Training the program's own encoding: byte pairs merged by how often they occur in the package's prose.

`python tests/llm/train_encoding.py` writes composer/llm/encoding/prose.bpe anew; a test holds the file to be exactly what this makes.
The result depends on the text alone: ties go to the pair that is smaller as bytes. It never touches any other file.
"""

from __future__ import annotations

import heapq
import sys
from collections import Counter, defaultdict
from pathlib import Path

import regex

ROOT = Path(__file__).resolve().parents[2]
CORPUS = ROOT / "composer" / "llm" / "embedded" / "corpus"
TARGET = ROOT / "composer" / "llm" / "encoding" / "prose.bpe"

MERGES = 3000
LEAST = 2
"""A pair that occurs less often is not worth a token."""


def prose(folder: Path = CORPUS) -> str:
    """Titles, beats and paragraphs of the fables, without their marks and casts."""
    lines = []
    for file in sorted(folder.glob("*.txt"), key=lambda path: path.name):
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("@"):
                lines.append(line[2:] if line[:2] in ("= ", "> ") else line)
    return "\n\n".join(lines) + "\n\n"


def train(text: str, pattern: str, merges: int = MERGES, least: int = LEAST) -> list[bytes]:
    """The tokens that merging adds to the 256 bytes, in order of rank."""
    counts = Counter(found.encode() for found in regex.findall(pattern, text))
    words = [[bytes((byte,)) for byte in word] for word in sorted(counts)]
    weights = [counts[word] for word in sorted(counts)]
    total: Counter[tuple[bytes, bytes]] = Counter()
    where: dict[tuple[bytes, bytes], set[int]] = defaultdict(set)
    for at, word in enumerate(words):
        for pair in zip(word, word[1:], strict=False):
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
            for old in zip(word, word[1:], strict=False):
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
            for new in zip(merged, merged[1:], strict=False):
                total[new] += weights[at]
                where[new].add(at)
                changed.add(new)
        for each in changed:
            if joined in each:
                heapq.heappush(heap, (-total[each], each))
    return tokens
