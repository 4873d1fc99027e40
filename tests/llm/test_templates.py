"""Chat templates: the bundled formats, the idioms of others, and that a foreign one can neither harm nor hang the program."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import EndpointError
from composer.llm import sandbox, templates, trial
from composer.llm.sandbox import Sandbox, TemplateFailure
from composer.llm.templates import from_text, load, loaded, names, render, stops, unchanged
from composer.text.special import special

ASKED = (("system", "You write."), ("user", "Tell of the sea.\n\n"))
TALK = (*ASKED, ("assistant", "It was grey."), ("user", "And then?"))
NOON = "2026-11-21T12:05:09"


def made(source: str, messages: tuple[tuple[str, str], ...] = ASKED, prefix: str = "", **tokens: str) -> str:
    """What a template of a server makes of messages."""
    from_text("server:test", source, **tokens)
    return render("server:test", messages, prefix, NOON)


def text_of(source: str) -> str:
    """What a template makes in the sandbox alone."""
    return Sandbox(source).text({"messages": [{"role": "user", "content": "Tell."}]}, NOON)


# The bundled formats


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plain", "You write.\n\nTell of the sea."),
        (
            "chatml",
            "<|im_start|>system\nYou write.<|im_end|>\n<|im_start|>user\nTell of the sea.<|im_end|>\n<|im_start|>assistant\n",
        ),
        (
            "llama3",
            "<|start_header_id|>system<|end_header_id|>\n\nYou write.<|eot_id|>"
            "<|start_header_id|>user<|end_header_id|>\n\nTell of the sea.<|eot_id|>"
            "<|start_header_id|>assistant<|end_header_id|>\n\n",
        ),
        ("mistral", "[INST] You write.\n\nTell of the sea. [/INST]"),
        ("phi", "<|system|>\nYou write.<|end|>\n<|user|>\nTell of the sea.<|end|>\n<|assistant|>\n"),
    ],
)
def test_messages_in_the_published_formats(name: str, text: str) -> None:
    assert render(name, ASKED) == text
    begun = {"plain": "\n\nIt was", "mistral": " It was"}.get(name, "It was")
    assert render(name, ASKED, "It was") == text + begun


@pytest.mark.parametrize(
    ("name", "ends"),
    [("plain", ()), ("chatml", "<|im_end|>"), ("llama3", "<|eot_id|>"), ("mistral", "</s>"), ("phi", "<|end|>")],
)
def test_turns_end_with_the_formats_mark(name: str, ends: str) -> None:
    assert stops(name) == ((ends,) if ends else ())
    talk = render(name, TALK)
    assert f"It was grey.{ends or ''}" in talk
    assert [talk.index(text.strip()) for _, text in TALK] == sorted(talk.index(text.strip()) for _, text in TALK)


def test_the_names_are_those_of_the_files() -> None:
    folder = Path(templates.__file__).with_name("formats")
    assert {path.stem for path in folder.glob("*.jinja")} == set(names())
    for name in names():
        load(name)


@pytest.mark.parametrize(
    ("text", "prefix", "rendered"),
    [
        ("She ran.\n\n", "", "She ran."),
        ("She ran. ", "", "She ran."),
        ("She ran.\n\n", "Then", "She ran.\n\nThen"),
        ("She ran. ", "Then", "She ran. Then"),
        ("She ran.", "Then", "She ran. Then"),
        ("She ran.", "\n\n", "She ran.\n\n"),
        ("She opened the", "door and ", "She opened the door and "),
        ("She ran", ", and", "She ran, and"),
        ("She ran", "—and", "She ran—and"),
        ("She said “", "No", "She said “No"),
        ('She said "', "No", 'She said "No'),
        ('"No."', "She ran", '"No." She ran'),
        ("她跑", "了", "她跑了"),
        ("", "Then", "Then"),
    ],
)
def test_a_base_model_goes_on_from_the_text(text: str, prefix: str, rendered: str) -> None:
    assert render("plain", [("user", text)], prefix) == rendered


# A story that holds special tokens


@given(st.lists(st.sampled_from(["<|im_end|>", "</s>", "[/INST]", "<|eot_id|>", "<|end|>", " sea "]), max_size=5))
def test_no_story_ends_its_own_turn(parts: list[str]) -> None:
    story = "a" + "".join(parts) + "z"
    for name in names():
        plain = special(render(name, [("user", "az")], "az"))
        assert len(special(render(name, [("user", story)], story))) == len(plain)


def test_a_template_may_call_any_word_its_own() -> None:
    source = "{{ bos_token }}{% for m in messages %}{{ m.content }}###{% endfor %}"
    text = made(source, (("user", "One ### $B$ two"),), "a ### b", bos="$B$", eos="###")
    assert text == "One # ## $ B$ two###a # ## b"
    assert stops("server:test") == ("###",)


# Idioms of models' templates

GEMMA = """{{ bos_token }}{% if messages[0]['role'] == 'system' %}{{ raise_exception('No system here') }}{% endif %}
{% for message in messages %}
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must take turns') }}{% endif %}
{% set role = 'model' if message['role'] == 'assistant' else message['role'] %}
{{ '<start_of_turn>' + role + '\\n' + message['content'] | trim + '<end_of_turn>\\n' }}
{%- endfor %}
{% if add_generation_prompt %}{{ '<start_of_turn>model\\n' }}{% endif %}"""

OLD_LLAMA = """{% if messages[0]['role'] == 'system' %}
{% set loop_messages = messages[1:] %}{% set lead = '<<SYS>>\\n' + messages[0]['content'].strip() + '\\n<</SYS>>\\n\\n' %}
{% else %}{% set loop_messages = messages %}{% set lead = '' %}{% endif %}
{% for message in loop_messages %}
{% set content = lead + message['content'] if loop.index0 == 0 else message['content'] %}
{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content.strip() + ' [/INST]' }}
{%- elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}
{% endfor %}"""

THINKER = """{%- set ns = namespace(system='', last=-1, asked=false) %}
{%- for m in messages %}{% if m.role == 'system' %}{% set ns.system = ns.system + m.content %}{% endif %}{% endfor %}
{{- bos_token ~ ns.system }}
{%- if tools is defined and tools %}{{ tools | tojson(indent=2) }}{% endif %}
{%- for m in messages if m.role != 'system' %}
{%- set content = m.content %}
{%- if m.role == 'assistant' and '</think>' in content %}
{%- set content = content.split('</think>')[-1].lstrip('\\n') %}{% endif %}
{%- if m.tool_calls is defined and m.tool_calls is not none %}{{ raise_exception('no tools') }}{% endif %}
{{- ('<｜User｜>' if m['role'] == 'user' else '<｜Assistant｜>') + content }}
{%- if m.role == 'assistant' %}{{ '<｜end▁of▁sentence｜>' }}{% endif %}{% endfor %}
{%- if add_generation_prompt is defined and add_generation_prompt %}{{ '<｜Assistant｜>' }}
{%- if not thinking | default(false) %}{{ '</think>' }}{% endif %}{% endif %}"""

SIFTING = """{%- if not tools is defined %}{% set tools = none %}{% endif %}
{%- set users = messages | selectattr('role', 'equalto', 'user') | list %}
{%- set kept = [] %}
{%- for message in messages %}
{%- if message['role'] not in ['tool', 'tool_results'] and not message.get('tool_calls') %}
{%- set kept = kept + [message] %}{% endif %}{% endfor %}
{%- set ns = namespace(kept=[]) %}
{%- for message in messages %}{% set ns.kept = ns.kept + [message] %}{% endfor %}
{%- for message in ns.kept %}
{%- if message == users[-1] %}{{ '[LAST]' }}{% endif %}
{%- if message.role == 'system' %}{{ message.content }}{% continue %}{% endif %}
{{- '[INST]' + message.content + '[/INST]' if message.role == 'user' else message.content + eos_token }}
{%- if loop.last %}{% break %}{% endif %}{% endfor %}{{ users | length }}{{ kept | length }}"""

SPEAKING = """{% macro said(content) %}{% if content is string %}{{ content }}
{%- elif content is iterable and content is not mapping %}{% for item in content %}
{%- if item is mapping and item.type == 'text' %}{{ item.text }}{% endif %}{% endfor %}{% endif %}{% endmacro %}
{% for m in messages %}{{ '<|' ~ m.role ~ '|>' }}
{%- if m.role == 'assistant' %}{%- generation %}{{ said(m.content) }}<|end|>{%- endgeneration %}
{%- else %}{{ said(m.content) }}<|end|>{% endif %}{% endfor %}<|assistant|>"""

TOOLED = """{% if tools is defined %}{% for tool in tools %}{{ tool['function'] | tojson }}{% endfor %}{% endif %}
{%- for m in messages %}{{ '<|' + m['role'] + '|>' + m['content'] }}{% endfor %}"""

TYPED = (
    "{% for m in messages %}{% for part in m.content %}{{ part.text if part.type == 'text' }}|{% endfor %}{% endfor %}"
)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            GEMMA,
            "<start_of_turn>user\nYou write.\n\nTell of the sea.<end_of_turn>\n"
            "<start_of_turn>model\nIt was grey.<end_of_turn>\n<start_of_turn>user\nAnd then?<end_of_turn>\n"
            "<start_of_turn>model\n",
        ),
        (
            OLD_LLAMA,
            "[INST] <<SYS>>\nYou write.\n<</SYS>>\n\nTell of the sea. [/INST] It was grey. </s><s>[INST] And then? [/INST]",
        ),
        (
            THINKER,
            "You write.<｜User｜>Tell of the sea.\n\n<｜Assistant｜>It was grey.<｜end▁of▁sentence｜>"
            "<｜User｜>And then?<｜Assistant｜></think>",
        ),
        (SIFTING, "You write.[INST]Tell of the sea.\n\n[/INST]It was grey.</s>[LAST][INST]And then?[/INST]20"),
        (
            SPEAKING,
            "<|system|>You write.<|end|><|user|>Tell of the sea.\n\n<|end|><|assistant|>It was grey.<|end|>"
            "<|user|>And then?<|end|><|assistant|>",
        ),
        (TOOLED, "<|system|>You write.<|user|>Tell of the sea.\n\n<|assistant|>It was grey.<|user|>And then?"),
        (TYPED, "You write.|Tell of the sea.\n\n|It was grey.|And then?|"),
    ],
    ids=["gemma", "old_llama", "thinker", "sifting", "speaking", "tooled", "typed"],
)
def test_idioms_of_models_templates(source: str, text: str) -> None:
    assert made(source, TALK, bos="<s>", eos="</s>") == text
    assert made(source, TALK, "It", bos="<s>", eos="</s>") == text + "It"


def test_a_system_message_that_a_template_passes_over_is_put_first() -> None:
    source = "{% for m in messages if m.role != 'system' %}{{ m.role }}: {{ m.content | trim }}\n{% endfor %}"
    assert made(source, TALK) == "user: You write.\n\nTell of the sea.\nassistant: It was grey.\nuser: And then?\n"
    twice = (*ASKED, ("user", "And then?"))
    assert made(GEMMA, twice).count("<start_of_turn>user") == 1


def test_blocks_leave_no_white_space() -> None:
    assert text_of("a\n  {% if true %}\n  b\n  {% endif %}\nc\n") == "a\n  b\nc"


def test_the_time_is_handed_in() -> None:
    source = (
        "{% if strftime_now is defined %}{{ strftime_now('%d %b %Y, %-H:%M') }}{% endif %}{{ messages[0].content }}"
    )
    assert made(source, (("user", "."),)) == "21 Nov 2026, 12:05."
    assert render("server:test", [("user", ".")]) == "."


def test_the_first_token_is_left_to_the_server() -> None:
    source = "{{ bos_token }}{{ messages[0].content }}{{ bos_token }}{{ eos_token }}{{ unknown_token }}"
    assert made(source, (("user", "Hm"),), bos="<s>", eos="</s>") == "Hm<s></s>"
    assert made("<bos>{{ messages[0].content }}", (("user", "Hm"),)) == "Hm"


def test_json_is_written_as_models_learned_it() -> None:
    source = "{{ {'é': ['<', 1]} | tojson }}{{ {'b': 1, 'a': 2} | tojson(separators=(',', ':'), sort_keys=true) }}"
    assert text_of(source) == '{"é": ["<", 1]}{"a":2,"b":1}'
    assert text_of("{{ [1] | tojson(indent=1) }}{{ 'é' | tojson(ensure_ascii=true) }}") == '[\n 1\n]"\\u00e9"'


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ 'ab' * 2 ~ 3 % 2 ~ 2 ** 3 }}", "abab18"),
        ("{{ '%s-%03d' % ('a', 7) }}{{ '{:>3}{x}'.format(1, x='b') }}{{ '%s!' | format('c') }}", "a-007  1bc!"),
        ("{{ 'a'.ljust(3) }}|{{ 'a' | center(3) }}|{{ 'a\nb' | indent(2) }}|{{ 'a\tb'.expandtabs(2) }}", "a  | a |a\n  b|a b"),
        ("{{ ', '.join(['a', 'b']) }}{{ [1, 2] | join('+') }}{{ 'aba'.replace('a', 'c') }}{{ 'a' | replace('a', 'd') }}", "a, b1+2cbcd"),
        ("{{ [3, 1] | sort | first }}{{ {'a': 1}.items() | list | length }}{{ 2.567 | round(1) }}{{ [1] | string }}", "112.6[1]"),
        ("{% for x in [[1], 2] recursive %}{{ loop(x) if x is iterable else x }}{% endfor %}", "12"),
        ("{% for i in range(2) %}{{ loop.cycle('a', 'b') }}{{ loop.changed(1) }}{% endfor %}", "aTruebFalse"),
        ("{% macro f(x) %}<{{ caller() }}{{ x }}>{% endmacro %}{% call f(1) %}a{% endcall %}", "<a1>"),
        ("{% block one %}{{ self.two() }}{% endblock %}{% block two %}b{% endblock %}", "bb"),
        ("{% set ns = namespace(a=1) %}{% for i in range(3) %}{% set ns.a = ns.a + i %}{% endfor %}{{ ns.a }}", "4"),
        ("{% set a, b = 1, 2 %}{{ dict(a=b).get('a') }}{{ 1 in (1, 2) }}{{ missing }}", "2True"),
        ("{{ messages | map(attribute='content') | map('upper') | join }}", "TELL."),
    ],
)  # fmt: skip
def test_what_templates_use_is_there(source: str, text: str) -> None:
    assert text_of(source) == text


def test_a_template_may_leave_something_out() -> None:
    odd = "{% for m in messages %}{{ m.content if m.content is not string or m.role == 'user' }}|{% endfor %}"
    assert made(odd, TALK[1:]) == "Tell of the sea.\n\n||And then?|"
    source = "{% for m in messages %}{{ m.role ~ m.content if m.role == 'user' else '-' }}{% endfor %}"
    assert made(source, (*TALK[1:3], ("user", "a'b"))) == "userTell of the sea.\n\n-usera'b"


# Foreign templates

LOOP = "{% for i in range(70) %}{% set ns.x = "
DOUBLING = "{% set ns = namespace(x='ab') %}" + LOOP
HOSTILE = {
    "repeat": "{{ 'a' * 10 ** 9 }}",
    "repeat, the other way": "{{ 10 ** 9 * 'a' }}",
    "repeat a list": "{{ [1] * 10 ** 9 }}",
    "power": "{{ 7 ** 10000000 }}",
    "product": "{% set ns = namespace(x=9) %}" + LOOP + "ns.x * ns.x %}{% endfor %}{{ ns.x }}",
    "percent": "{{ '%1000000000d' % 3 }}",
    "percent star": "{{ '%*d' % (1000000000, 3) }}",
    "precision": "{{ '%.1000000000f' % 3 }}",
    "format filter": "{{ '%1000000000d' | format(3) }}",
    "format": "{{ '{:1000000000}'.format(3) }}",
    "format within": "{{ '{:{w}}'.format(3, w=1000000000) }}",
    "ljust": "{{ 'a'.ljust(1000000000) }}",
    "rjust": "{{ 'a'.rjust(1000000000) }}",
    "center": "{{ 'a'.center(1000000000) }}",
    "zfill": "{{ 'a'.zfill(1000000000) }}",
    "expandtabs": "{{ '\t\t'.expandtabs(1000000000) }}",
    "indent": "{{ 'a\nb' | indent(1000000000) }}",
    "json": "{{ [1] | tojson(indent=1000000000) }}",
    "replace": "{{ ('a' * 100000).replace('a', 'b' * 100000) }}",
    "replace filter": "{{ ('a' * 100000) | replace('a', 'b' * 100000) }}",
    "join": "{{ ('a' * 100000).join('b' * 100000) }}",
    "join filter": "{{ ('b' * 100000) | join('a' * 100000) }}",
    "bytes": "{{ (1).to_bytes(1000000000, 'big') }}",
    "encode": "{{ 'a'.encode() }}",
    "translate": "{{ 'a'.translate({97: 'b' * 1000}) }}",
    "range": "{{ range(10 ** 30) | length }}",
    "ranges": "{% for i in range(60000) %}{% endfor %}{% for i in range(60000) %}{% endfor %}",
    "loops": "{% set r = range(2000) %}{% for a in r %}{% for b in r %}{% for c in r %}{% endfor %}{% endfor %}{% endfor %}",
    "plus": DOUBLING + "ns.x + ns.x %}{% endfor %}{{ ns.x }}",
    "tilde": DOUBLING + "ns.x ~ ns.x %}{% endfor %}{{ ns.x }}",
    "list": DOUBLING + "[ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
    "tuple": DOUBLING + "(ns.x, ns.x) %}{% endfor %}{{ ns.x | string }}",
    "mapping": DOUBLING + "{'a': ns.x, 'b': ns.x} %}{% endfor %}{{ ns.x | tojson }}",
    "dict": DOUBLING + "dict(a=ns.x, b=ns.x) %}{% endfor %}{{ ns.x }}",
    "arguments": "{% set ns = namespace(x=1) %}{% macro m() %}{% set ns.x = varargs %}{% endmacro %}"
    "{% for i in range(70) %}{{ m(ns.x, ns.x) }}{% endfor %}",
    "block": DOUBLING.replace("{% set ns.x = ", "{% set ns.x %}{{ ns.x }}{{ ns.x }}{% endset %}") + "{% endfor %}{{ ns.x }}",
    "deep": "{% set ns = namespace(x=1) %}" + LOOP + "[ns.x] %}{% endfor %}{{ ns.x }}",
    "macros": "{% macro m(n) %}{{ m(n - 1) ~ m(n - 1) if n }}{% endmacro %}{{ m(40) }}",
    "endless macro": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "endless block": "{% block a %}{{ self.a() }}{% endblock %}",
    "output": "{% for i in range(100) %}{{ 'a' * 100000 }}{% endfor %}",
    "time": "{{ strftime_now('%1000000000Y') }}",
    "namespace": "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}",
    "change": "{{ messages.append(1) }}",
    "change a mapping": "{{ messages[0].update(role='x') }}",
    "class": "{{ messages.__class__.__mro__ }}",
    "class by name": "{{ messages | attr('__class__') | string ~ messages['__class__'].x }}",
    "class in a format": "{{ '{0.__class__.__mro__}'.format(messages) }}",
    "global": "{{ lipsum(1000000) }}",
    "function": "{{ messages[0].get.__self__() }}",
    "file": "{% include '/etc/passwd' %}",
    "import": "{% import 'os' as os %}",
    "filter": "{{ messages | pprint }}",
    "nested": "{{ " + "(" * 5000 + "1" + ")" * 5000 + " }}",
    "nested loops": "{% for a in messages %}" * 25 + "{% endfor %}" * 25,
}  # fmt: skip


REASONS = {
    "too large": (
        *(
            "repeat",
            "repeat, the other way",
            "repeat a list",
            "power",
            "product",
            "expandtabs",
            "replace",
            "replace filter",
        ),
        *("indent", "join", "join filter", "plus", "tilde", "list", "tuple", "mapping", "dict", "arguments", "deep"),
    ),
    "too wide": (
        *("percent", "percent star", "precision", "format filter", "format", "format within"),
        *("ljust", "rjust", "center", "zfill"),
    ),
    "too far": ("json",),
    "may not": ("bytes", "encode", "translate"),
    "ranges": ("range", "ranges"),
    "too long": ("loops", "macros"),
    "prints too much": ("block",),
    "in circles": ("endless macro", "endless block", "nested"),
    "more than 4 MB": ("output",),
    "not known": ("time",),
    "a namespace": ("namespace",),
    "unsafe": ("change", "change a mapping", "class", "class by name", "class in a format", "function"),
    "undefined": ("global",),
    "no loader": ("file", "import"),
    "No filter": ("filter",),
    "too many": ("nested loops",),
}


@pytest.mark.parametrize(("name", "reason"), [(name, reason) for reason, names in REASONS.items() for name in names])
def test_a_hostile_template_ends_with_a_sentence(name: str, reason: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "STEPS", 20_000 if reason == "too long" else 200_000)
    with pytest.raises(TemplateFailure) as failed:
        text_of(HOSTILE[name])
    assert reason in failed.value.why
    assert failed.value.why.isprintable()
    assert not failed.value.refused
    assert set(HOSTILE) == {each for names in REASONS.values() for each in names}


def test_time_is_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "SECONDS", -1.0)
    with pytest.raises(TemplateFailure, match="too long"):
        text_of("{% for m in messages %}{{ m.content }}{% endfor %}")


def test_bounds_are_each_renderings_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "RANGED", 10)
    template = Sandbox("{% for i in range(10) %}a{% endfor %}")
    assert [template.text({}, ""), template.text({}, "")] == ["a" * 10] * 2


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("one\n{% if %}", "line 2: Expected an expression"),
        ("one\n\n{{ 'a' | nothing }}", "line 3: No filter named 'nothing'"),
        ("{{ messages[0].a.b }}", "line 1: 'dict object' has no attribute 'a'"),
        ("\n{% for x in 3 %}{% endfor %}", "line 2: 'int' object is not iterable"),
        ("{{ raise_exception('Not\x1b[31m\nhere') }}", 'it says "Not[31m here"'),
        ("{{ raise_exception('') }}", 'it says "it refuses these messages"'),
        ("{{ 'a' * 10 ** 9 }}", "line 1: it makes a text or a list that is too large"),
        ("a" * (templates.LARGEST + 1), "it is larger than 64 kB"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(source: str, why: str) -> None:
    with pytest.raises(EndpointError) as refused:
        from_text("server:bad\x1b", source)
    assert refused.value.sentence.startswith(f"The template server:bad can't be used: {why}")
    assert refused.value.next_step
    with pytest.raises(EndpointError, match="no template of the name server:bad"):
        render("server:bad\x1b", ASKED)


def test_a_template_that_works_once_may_fail_later() -> None:
    from_text("server:later", "{% if messages[0].content == 'b' %}{{ raise_exception('no b') }}{% endif %}ok")
    assert render("server:later", [("user", "a")]) == "ok"
    with pytest.raises(EndpointError, match='it says "no b"'):
        render("server:later", [("user", "b")])


def test_a_template_that_hangs_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "TRIAL_SECONDS", 0.3)
    monkeypatch.setattr(templates, "_CHILD", "import time; time.sleep(60)")
    with pytest.raises(EndpointError, match="takes too long"):
        from_text("server:slow", "slow")


def test_a_template_that_breaks_its_process_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(templates, "_CHILD", "import os; os.abort()")
    with pytest.raises(EndpointError, match="want of memory"):
        from_text("server:heavy", "heavy")


def test_a_template_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    from_text("server:one", "tried once")
    monkeypatch.setattr(templates, "_CHILD", "import os; os.abort()")
    from_text("server:two", "tried once")
    with pytest.raises(EndpointError):
        from_text("server:two", "tried once", bos="<s>")


def test_the_process_has_little_memory_and_no_keys(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", secret)
    code = (
        "import sys; sys.path.append(sys.argv[1]); from composer.llm import trial; trial._limit(); import os\n"
        "try: bytearray(1024 ** 3); print('room', end='')\n"
        "except MemoryError: print(*[name for name in os.environ if 'KEY' in name], end='')\n"
    )
    monkeypatch.setattr(templates, "_CHILD", code)
    from_text("server:small", "small")
    assert render("server:small", ASKED) == "small"


def test_the_process_runs_by_its_own_name_too() -> None:
    told = json.dumps({"name": "x", "source": "{{ 'a' * 10 ** 9 }}", "bos": "", "eos": ""})
    child = subprocess.run(
        [sys.executable, "-I", "-m", "composer.llm.trial"],
        input=told,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (child.returncode, child.stdout, child.stderr) == (0, trial.trouble("x", "{{ 'a' * 10 ** 9 }}", "", ""), "")


# Files


def test_a_file_is_a_template_and_is_read_anew_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "own.jinja"
    path.write_text("{{ messages[0].content }} <|im_end|>", encoding="utf-8")
    assert render(str(path), [("user", "Hm.")]) == "Hm. <|im_end|>"
    assert stops(str(path)) == ("<|im_end|>",)
    path.write_text("new {{ messages[0].content }}", encoding="utf-8")
    load(str(path))
    assert render(str(path), [("user", "Hm.")]) == "new Hm."
    path.write_text("{{", encoding="utf-8")
    with pytest.raises(EndpointError, match="line 1"):
        load(str(path))
    with pytest.raises(EndpointError, match="line 1"):
        render(str(path), [("user", "Hm.")])


def test_an_unchanged_file_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "own.jinja"
    path.write_text("kept", encoding="utf-8")
    load(str(path))
    monkeypatch.setattr(templates, "_CHILD", "import os; os.abort()")
    monkeypatch.setattr(templates, "_passed", set())
    load(str(path))
    os.utime(path, ns=(1, 1))
    with pytest.raises(EndpointError):
        load(str(path))


def test_what_is_loaded_is_told_and_whether_its_file_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "own.jinja"
    path.write_text("kept", encoding="utf-8")
    assert not loaded(str(path))
    assert not unchanged(str(path))
    with pytest.raises(EndpointError, match="still being loaded"):
        render(str(path), ASKED, loads=False)
    load(str(path))
    assert loaded(str(path))
    assert unchanged(str(path))
    os.utime(path, ns=(1, 1))
    assert loaded(str(path))
    assert not unchanged(str(path))
    assert render(str(path), ASKED, loads=False) == "kept"
    path.unlink()
    path.mkdir()
    assert not unchanged(str(path))
    with pytest.raises(EndpointError):
        load(str(path))
    assert not loaded(str(path))
    load("plain")
    from_text("server:kept", "kept")
    assert [loaded("plain"), unchanged("plain"), unchanged("server:kept")] == [True] * 3


def test_a_home_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "own.jinja").write_text("at home", encoding="utf-8")
    assert render("~/own.jinja", ASKED) == "at home"


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ({"chat_template": "{{ eos_token }}{{ bos_token }}", "bos_token": "<s>", "eos_token": "</s>"}, "</s><s>"),
        ({"chat_template": "{{ eos_token }}.", "eos_token": {"content": "</s>", "lstrip": False}}, "</s>."),
        ({"chat_template": [{"name": "tool_use", "template": "a"}, {"name": "default", "template": "b"}]}, "b"),
        ({"chat_template": [{"name": "other", "template": "a"}]}, "a"),
    ],
)
def test_a_models_settings_hold_template_and_tokens(told: dict[str, object], text: str, tmp_path: Path) -> None:
    path = tmp_path / "tokenizer_config.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    assert render(str(path), ASKED) == text
    assert stops(str(path)) == (("</s>",) if "eos_token" in told else ())


def test_template_and_tokens_may_lie_side_by_side(tmp_path: Path) -> None:
    config, template = tmp_path / "tokenizer_config.json", tmp_path / "chat_template.jinja"
    config.write_text(json.dumps({"eos_token": "</s>"}), encoding="utf-8")
    template.write_text("{{ eos_token }}", encoding="utf-8")
    assert render(str(config), ASKED) == render(str(template), ASKED) == "</s>"
    assert stops(str(template)) == ("</s>",)


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("a.jinja", None, "There is no template of the name "),
        ("a.jinja", b"\xff\xfe", "it is no text in UTF-8"),
        ("a.jinja", b"x" * (templates.LARGEST + 1), "it is larger than 64 kB"),
        ("a.jinja", b"", "it holds no chat_template"),
        ("a.json", b"{", "a.json is no JSON that can be read"),
        ("a.json", b"[" * 100_000, "a.json is no JSON that can be read"),
        ("a.json", b"[]", "a.json holds no settings of a tokenizer"),
        ("a.json", b"{}", "it holds no chat_template"),
        ("a.json", json.dumps({"chat_template": "x" * 70_000}).encode(), "it is larger than 64 kB"),
    ],
)
def test_a_file_that_is_no_template_is_refused(name: str, data: bytes | None, why: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(EndpointError) as refused:
        load(str(path))
    assert why in refused.value.sentence
    assert "plain" in refused.value.next_step


def test_a_folder_and_a_pipe_are_no_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jinja")
    for path in (tmp_path, tmp_path / "pipe.jinja"):
        with pytest.raises(EndpointError, match="no file"):
            load(str(path))
