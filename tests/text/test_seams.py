"""Seams: what each rule repairs, what stays as it is, and what holds for any pieces and any choice of repairs."""

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.text.seams import RULES, Repair, mended, repairs

NARROW, WIDE = "\u202f", "\u3000"

SPACES = [
    (["The kettle sang.", "Nobody rose."], "The kettle sang. Nobody rose."),
    (["The kettle sang.  ", "   Nobody rose."], "The kettle sang. Nobody rose."),
    (["The kettle sang.\t", "Nobody rose."], "The kettle sang. Nobody rose."),
    (["under the", "", " \t ", "stairs"], "under the stairs"),
    (["The kettle sang", ", and nobody rose."], "The kettle sang, and nobody rose."),
    (["The kettle sang", " ; nobody rose."], "The kettle sang; nobody rose."),
    (["the door (", "which stuck", ") gave way"], "the door (which stuck) gave way"),
    (["He waited", "… and slept."], "He waited… and slept."),
    (["He waited ", ". . . and slept."], "He waited . . . and slept."),
    (["It weighed", ".5 grams."], "It weighed .5 grams."),
    (["See you", ":-) always"], "See you :-) always"),
    (["Ottoline", "’s umbrella"], "Ottoline’s umbrella"),
    (["He heard", "’tis late."], "He heard ’tis late."),
    (["the dogs’", "bowls"], "the dogs’ bowls"),
    (["a half-", "finished wall"], "a half-finished wall"),
    (["She turned —", "the hall was empty."], "She turned — the hall was empty."),
    (["She turned—", "the hall was empty."], "She turned—the hall was empty."),
    (["She turned", "—slowly, this time—", "and bowed."], "She turned—slowly, this time—and bowed."),
    (["She turned", "— slowly."], "She turned — slowly."),
    (["It rained.", "—Come in, he said."], "It rained. —Come in, he said."),
    (["a wall – thick, old –", "and a gate"], "a wall – thick, old – and a gate"),
    (["The sea — grey, flat — lay there", "—", "a floor."], "The sea — grey, flat — lay there — a floor."),
    (["The sea—grey, flat—lay there", "—", "a floor."], "The sea—grey, flat—lay there—a floor."),
    (["He rowed 🚣", "until dusk."], "He rowed 🚣 until dusk."),
    (["a thumb 👍", "\U0001f3fd up"], "a thumb 👍\U0001f3fd up"),
    (["👩\u200d", "👧 walked"], "👩\u200d👧 walked"),
    (["at the cafe", "\u0301 door"], "at the cafe\u0301 door"),
    (["and/", "or both"], "and/or both"),
    (["five o’", "clock"], "five o’clock"),
]

DOUBLED = [
    (["He crossed the yard and the", "the gate fell shut."], "He crossed the yard and the gate fell shut."),
    (["He crossed the yard and the", "The gate fell shut."], "He crossed the yard and the gate fell shut."),
    (["He crossed the yard and the", "and the gate fell."], "He crossed the yard and the gate fell."),
    (["He crossed the yard and the", "And the gate fell."], "He crossed the yard and the gate fell."),
    (["the yard and the", "the the gate"], "the yard and the gate"),
    (["out of", "the", "the gate"], "out of the gate"),
    (["out of the", "the", "gate"], "out of the gate"),
    (["out", "of", "of the gate"], "out of the gate"),
    (["My uncle was", "was, in truth, a baker."], "My uncle was, in truth, a baker."),
    (["They had", "had enough of soup."], "They had had enough of soup."),
    (["She knew that", "that was over."], "She knew that that was over."),
    (["It was very", "very cold."], "It was very very cold."),
    (["No,", "no more soup."], "No, no more soup."),
    (["He said it was Wednesday.", "Wednesday had been long."], "He said it was Wednesday. Wednesday had been long."),
    (["I hope", "Hope comes too."], "I hope Hope comes too."),
    (["a well", "well-worn rug"], "a well well-worn rug"),
    (["He left.", ". Nobody saw."], "He left. Nobody saw."),
    (["He left. ", " . Nobody saw."], "He left. Nobody saw."),
    (["He left,", ", coat in hand."], "He left, coat in hand."),
    (["He left,", ". Nobody saw."], "He left. Nobody saw."),
    (["He left.", ", coat in hand."], "He left. Coat in hand."),
    (["He left;", ","], "He left;"),
    ([",", ". Nobody saw."], ",. Nobody saw."),
    (["Where to", ",", "? he wondered"], "Where to? he wondered"),
    (["He left!", ". Nobody saw."], "He left! Nobody saw."),
    (["He left", "... and came back."], "He left... and came back."),
    (["He left…", ". Nobody saw."], "He left…. Nobody saw."),
    (["He left?", "! Impossible."], "He left?! Impossible."),
    (["soup, bread etc.", ", all cold"], "soup, bread etc., all cold"),
    (["She turned—", "—and stopped."], "She turned—and stopped."),
    (["She turned—", "— and stopped."], "She turned—and stopped."),
    (["soup and/or", "or bread"], "soup and/or bread"),
]

QUOTES = [
    (["“Leave the lamp.", "Nobody moved."], "“Leave the lamp.” Nobody moved."),
    (["“Leave the lamp,", "she said."], "“Leave the lamp,” she said."),
    (["“Leave the lamp", "for the ferryman,” she said."], "“Leave the lamp for the ferryman,” she said."),
    (
        ["“Leave the lamp", "for the ferryman", "tonight,” she said."],
        "“Leave the lamp for the ferryman tonight,” she said.",
    ),
    (["“Leave the lamp.", "“Why?” he asked."], "“Leave the lamp.” “Why?” he asked."),
    (['"Leave the lamp.', "Nobody moved."], '"Leave the lamp." Nobody moved.'),
    (['"Leave the lamp.', '"Why?" he asked.'], '"Leave the lamp." "Why?" he asked.'),
    (['"Leave the lamp', 'tonight," she said.'], '"Leave the lamp tonight," she said.'),
    (["Nobody moved.", "and leave the lamp,” she said."], "Nobody moved. “And leave the lamp,” she said."),
    (["Nobody moved.", 'and leave the lamp," she said.'], 'Nobody moved. "And leave the lamp," she said.'),
    (["Nobody moved.", "” The clock struck."], "Nobody moved. The clock struck."),
    (["Nobody moved.", "…and leave the lamp,” she said."], "Nobody moved. “…and leave the lamp,” she said."),
    (["Nobody moved. “", "leave the lamp,” she said."], "Nobody moved. “Leave the lamp,” she said."),
    (["Nobody moved.", "”The clock struck."], "Nobody moved. The clock struck."),
    (["She said, “", "leave the lamp,” and went."], "She said, “leave the lamp,” and went."),
    (["She said, “", "leave the lamp.", "Nobody moved."], "She said, “leave the lamp.” Nobody moved."),
    (["“Leave “the lamp.", "Nobody moved."], "“Leave “the lamp.” Nobody moved."),
    (["“Leave the lamp.\t", "Nobody moved."], "“Leave the lamp.” Nobody moved."),
    (["The shelf was", "6'2\" long."], "The shelf was 6'2\" long."),
    (["“Leave the lamp.", '"Why?" he asked.'], '“Leave the lamp. "Why?" he asked.'),
    (["‘Leave the lamp.", "Nobody moved."], "‘Leave the lamp. Nobody moved."),
    (["The shelf was 6'2\"", "long."], "The shelf was 6'2\" long."),
    (["and leave the lamp,” she said.", "Nobody moved."], "and leave the lamp,” she said. Nobody moved."),
]

CAPITALS = [
    (["The bell rang.", "somebody ran."], "The bell rang. Somebody ran."),
    (["Did the bell ring?", "somebody ran."], "Did the bell ring? Somebody ran."),
    (["“The bell rang.”", "somebody ran."], "“The bell rang.” Somebody ran."),
    (["The bell rang.", "“not again,” said the cook."], "The bell rang. “Not again,” said the cook."),
    (["The bell rang....", "somebody ran."], "The bell rang.... Somebody ran."),
    (["The bell rang.", "…and rang."], "The bell rang. …and rang."),
    (["The bell rang…", "and rang."], "The bell rang… and rang."),
    (["The bell rang…", "she did not move."], "The bell rang… She did not move."),
    (["He asked for Mr.", "and Mrs. Plume."], "He asked for Mr. and Mrs. Plume."),
    (["It was signed J. R.", "and dated."], "It was signed J. R. and dated."),
    (["It was I.", "nobody else."], "It was I. Nobody else."),
    (["The bell rang.", "iPhones buzzed."], "The bell rang. iPhones buzzed."),
    (["When the bell rang,", "The cook ran."], "When the bell rang, the cook ran."),
    (["When the bell rang", "She ran."], "When the bell rang she ran."),
    (["When the bell rang,", "It’s the cook who ran."], "When the bell rang, it’s the cook who ran."),
    (["When the bell rang,", "I ran."], "When the bell rang, I ran."),
    (["When the bell rang (twice)", "The cook ran."], "When the bell rang (twice) the cook ran."),
    (["When the bell rang (why?)", "the cook ran."], "When the bell rang (why?) the cook ran."),
    (["When the bell rang,", "Ottoline ran."], "When the bell rang, Ottoline ran."),
    (["When the bell rang in", "The Hague"], "When the bell rang in The Hague"),
    (["the bell of", "Her Majesty"], "the bell of Her Majesty"),
    (["the sign said", "THE BELL"], "the sign said THE BELL"),
    (["The cook said,", "“The bell rang.”"], "The cook said, “The bell rang.”"),
    (["“Did it ring?”", "She asked."], "“Did it ring?” she asked."),
    (["“It rang,”", "He said."], "“It rang,” he said."),
    (["“Did it ring?”", "She ran."], "“Did it ring?” She ran."),
    (["“Did it ring?”", "asked the cook."], "“Did it ring?” asked the cook."),
    (["“Did it ring?”", "the tall cook asked."], "“Did it ring?” the tall cook asked."),
    (["“Did it ring?”", "rain fell."], "“Did it ring?” Rain fell."),
    (["“It rang.", "She said."], "“It rang.” She said."),
    (["Did it ring?", "she wondered."], "Did it ring? she wondered."),
    (["“Did it ring?”", "the", "cook asked."], "“Did it ring?” the cook asked."),
    (["“Did it ring?”", "“not twice.”"], "“Did it ring?” “Not twice.”"),
    (["and", "A", "cook ran."], "and a cook ran."),
]

ARTICLES = [
    (["She peeled a", "apple."], "She peeled an apple."),
    (["She met an", "unicorn."], "She met a unicorn."),
    (["She met an", "“unicorn” of sorts."], "She met a “unicorn” of sorts."),
    (["She waited a", "hour."], "She waited an hour."),
    (["She waited an", "whole hour."], "She waited a whole hour."),
    (["It was a", "honest, a heir’s mistake."], "It was an honest, a heir’s mistake."),
    (["He met an", "European at a fair."], "He met a European at a fair."),
    (["He met an", "one-eyed cat."], "He met a one-eyed cat."),
    (["It was an", "useful tool."], "It was a useful tool."),
    (["It was a", "umbrella."], "It was an umbrella."),
    (["It was a", "unimportant day."], "It was an unimportant day."),
    (["A", "owl called."], "An owl called."),
    (["An", "university town."], "A university town."),
    (["It took a", "8-hour night."], "It took an 8-hour night."),
    (["It took a", "11th hour."], "It took an 11th hour."),
    (["It took an", "80 and a half."], "It took an 80 and a half."),
    (["It took an", "19th try."], "It took a 19th try."),
    (["a map, a", "1845 map"], "a map, an 1845 map"),
    (["He took a", "X-ray."], "He took an X-ray."),
    (["He made an", "U-turn."], "He made a U-turn."),
    (["He was a", "MP once."], "He was an MP once."),
    (["He was a", "FBI man, a", "MRI nurse, a", "NASA pilot."], "He was an FBI man, an MRI nurse, a NASA pilot."),
    (["She ate a", "an apple."], "She ate an apple."),
    (["She ate a", "éclair."], "She ate an éclair."),
    (["They chose plan A", "and left."], "They chose plan A and left."),
    (["He wrote an", "IOU."], "He wrote an IOU."),
    (["AN", "UGLY HAT"], "AN UGLY HAT"),
    (["A", "UGLY HAT"], "AN UGLY HAT"),
    (["It was a", "— apple?"], "It was a — apple?"),
    (["It was an", "1,800-acre farm."], "It was a 1,800-acre farm."),
    (["It was a", "11,000-acre farm."], "It was an 11,000-acre farm."),
    (["It was a", "historic day."], "It was a historic day."),
    (["It was an", "historic day."], "It was an historic day."),
]

ENGLISH = SPACES + DOUBLED + QUOTES + CAPITALS + ARTICLES

OTHERS = [
    ("fr", ["Le vent tomba.", "elle sortit."], "Le vent tomba. Elle sortit."),
    ("fr", ["« Attends-moi !", "Elle sortit."], "« Attends-moi ! » Elle sortit."),
    ("fr", [f"«{NARROW}Attends-moi{NARROW}!", "Elle sortit."], f"«{NARROW}Attends-moi{NARROW}!{NARROW}» Elle sortit."),
    ("fr", ["Tu viens", f"{NARROW}? Elle sortit."], f"Tu viens{NARROW}? Elle sortit."),
    ("fr", ["Tu viens ", f"{NARROW}? Elle sortit."], f"Tu viens{NARROW}? Elle sortit."),
    ("fr", [f"Déjà{NARROW}! Tu viens", "? Elle sortit."], f"Déjà{NARROW}! Tu viens{NARROW}? Elle sortit."),
    ("fr", ["Tu viens ", "? Elle sortit."], "Tu viens ? Elle sortit."),
    ("fr", ["Il crie", " ;", " ! Elle sortit."], "Il crie ! Elle sortit."),
    ("fr", ["— Mais je —", "— Entrez donc !"], "— Mais je — — Entrez donc !"),
    ("fr", ["« Entrez", "»dit-il."], "« Entrez »dit-il."),
    ("fr", ["Il entra.", "» Elle sortit."], "Il entra. Elle sortit."),
    ("fr", ["Il pleut", ", dit-elle."], "Il pleut, dit-elle."),
    ("fr", ["« Qui est là ? »", "demanda la voisine."], "« Qui est là ? » demanda la voisine."),
    ("fr", ["Il cherchait l’", "entrée."], "Il cherchait l’entrée."),
    ("fr", ["Nous", "nous levâmes."], "Nous nous levâmes."),
    ("fr", ["Il ouvrit la", "la porte."], "Il ouvrit la porte."),
    ("fr", ["Il pleuvait.", "— Entrez vite."], "Il pleuvait. — Entrez vite."),
    ("de", ["„Warte auf mich.", "Sie ging."], "„Warte auf mich.“ Sie ging."),
    ("de", ["„Warte", "auf mich“, sagte sie."], "„Warte auf mich“, sagte sie."),
    ("de", ["Sie ging.", "und warte auf mich“, sagte er."], "Sie ging. „Und warte auf mich“, sagte er."),
    ("de", ["»Warte auf mich.", "Sie ging."], "»Warte auf mich.« Sie ging."),
    ("de", ["Sie ging.", "“ Er blieb."], "Sie ging. Er blieb."),
    ("de", ["Am 3.", "kam der Zug."], "Am 3. kam der Zug."),
    ("de", ["Frauen, die", "die Glocken läuten"], "Frauen, die die Glocken läuten"),
    ("de", ["Er nahm das", "das Brot."], "Er nahm das das Brot."),
    ("pl", ["„Zaczekaj.", "Wyszła."], "„Zaczekaj.” Wyszła."),
    ("sv", ["”Vänta här.", "Hon gick."], "”Vänta här.” Hon gick."),
    ("es", ["—Espera —dijo ella—", "y no hables."], "—Espera —dijo ella— y no hables."),
    ("es", ["Llovía.", "—Espera —dijo ella."], "Llovía. —Espera —dijo ella."),
    ("es", ["—Espera", "—dijo ella."], "—Espera —dijo ella."),
    ("en", ["—Espera —dijo ella—", "y no hables."], "—Espera —dijo ella— y no hables."),
    ("es", ["Llovía.", "¿quién llama?"], "Llovía. ¿Quién llama?"),
    ("es", ["Preguntó: ¿", "quién llama?"], "Preguntó: ¿quién llama?"),
    ("es", ["¿Quién llama?", ", dijo."], "¿Quién llama?, dijo."),
    ("ja", ["彼は", "窓を開けた。", "雨だった。"], "彼は窓を開けた。雨だった。"),
    ("ja", ["彼は ", " 窓を開けた。"], "彼は窓を開けた。"),
    ("ja", [f"待って！{WIDE}", "彼は走った。"], f"待って！{WIDE}彼は走った。"),
    ("ja", ["「待って。", "彼は走った。"], "「待って。」彼は走った。"),
    ("ja", ["「待って", "ください」と彼は言った。"], "「待ってください」と彼は言った。"),
    ("ja", ["彼の", "iPad が光った。"], "彼のiPad が光った。"),
    ("zh", ["她说：", "“等我。”", "他走了。"], "她说：“等我。”他走了。"),
    ("ko", ["그는 창문을", "열었다."], "그는 창문을 열었다."),
    ("th", ["เขาเปิด", "หน้าต่าง"], "เขาเปิดหน้าต่าง"),
    ("th", ["เขาเปิดหน้าต่าง ", " ฝนตก"], "เขาเปิดหน้าต่าง ฝนตก"),
    ("el", ["Πού είναι το φως;", "κανείς δεν ξέρει."], "Πού είναι το φως; Κανείς δεν ξέρει."),
    ("el", ["Έσβησε το", "το φως."], "Έσβησε το φως."),
    ("el", ["«Περίμενε.", "Έφυγε."], "«Περίμενε.» Έφυγε."),
    ("ar", ["فتح النافذة", "، ثم جلس."], "فتح النافذة، ثم جلس."),
    ("ar", ["«انتظر.", "خرجت."], "«انتظر.» خرجت."),
    ("he", ['היא באה מצה"ל', "והלכה."], 'היא באה מצה"ל והלכה.'),
    ("hi", ["उसने खिड़की", "खोली।"], "उसने खिड़की खोली।"),
    ("ru", ["Дождь кончился.", "она вышла."], "Дождь кончился. Она вышла."),
    ("tr", ["Yağmur dindi.", "insanlar çıktı."], "Yağmur dindi. İnsanlar çıktı."),
    ("en-GB", ["She peeled a", "apple."], "She peeled an apple."),
    ("de", ["Er sah a", "Apfel"], "Er sah a Apfel"),
]


@pytest.mark.parametrize(("pieces", "joined"), ENGLISH)
def test_english(pieces: list[str], joined: str) -> None:
    assert mended(pieces, repairs(pieces)) == joined


@pytest.mark.parametrize(("language", "pieces", "joined"), OTHERS)
def test_other_languages(language: str, pieces: list[str], joined: str) -> None:
    assert mended(pieces, repairs(pieces, language)) == joined


GOOD = [
    (
        "en",
        "“Who is there?” asked the ferryman. Nobody answered, so he lit a lamp — an old one, half full — and waited.",
    ),
    (
        "en",
        '"I was going," she said, "to ask you—no, to beg you—for an hour." The Mr. Plume of those days had had enough…',
    ),
    (
        "en",
        "In 1911 the U.S. consul, J. R. Plume, kept a unicorn (or so he said). It ate an apple a day; he paid 8 pence each.",
    ),
    (
        "en",
        "She couldn’t, the cook’s dogs’ bowls being full. ‘Well,’ he said, ‘that’s that.’ “Stop!” the man at the gate called.",
    ),
    (
        "en",
        "He read *The Lamp* twice… then slept. It was 9 a.m. when Anna’s half-finished letter—the third—came. “So?” 🙂 Fine.",
    ),
    (
        "fr",
        "« Tu viens ? » demanda-t-elle. Il n’y avait personne ; la pluie tombait, et l’heure passait : minuit ! Enfin…",
    ),
    ("fr", f"«{NARROW}Tu viens{NARROW}?{NARROW}» Il pleuvait. — Entrez, dit le vieux. — Merci, répondit-elle."),
    (
        "de",
        "„Warte!“, rief sie. Am 3. Mai kamen die, die die Glocken läuten – drei Männer – z. B. der Küster. »Gut«, sagte er.",
    ),
    (
        "es",
        "—Espera —dijo ella—. ¿No oyes? ¡Llueve! —Oigo —dijo él—, y tengo frío. El Sr. Vega cerró la puerta, y nadie habló.",
    ),
    (
        "el",
        "«Ποιος είναι;» ρώτησε ο γέρος. Κανείς δεν απάντησε· η βροχή έπεφτε, και το φως έσβησε. Τι ώρα είναι; Αργά.",
    ),
    ("it", "«Chi è?» chiese l’oste. Nessuno rispose, e un po’ di pioggia cadde sull’erba. Piano piano, venne l’alba."),
    ("ru", "— Кто там? — спросил старик. Никто не ответил; шёл дождь. «Странно», — сказал он и погасил лампу."),
    ("pl", "„Kto tam?” zapytał starzec. Nikt nie odpowiedział, a deszcz padał. – Dziwne – powiedział."),
    ("ar", "«من هناك؟» سأل العجوز. لم يجب أحد، وكان المطر يهطل؛ ثم انطفأ المصباح."),
    ("he", "“מי שם?” שאל הזקן. איש לא ענה, והגשם ירד. חייל צה״ל עבר, ואז כבתה המנורה."),
    ("hi", "“कौन है?” बूढ़े ने पूछा। किसी ने उत्तर नहीं दिया, और बारिश होती रही।"),
    ("ko", "“누구요?” 노인이 물었다. 아무도 대답하지 않았고, 비가 내렸다."),
    ("ja", f"「誰だ？」と老人は聞いた。誰も答えない……雨だった。え！{WIDE}まさか。"),
    ("zh", "“谁在那里？”老人问。没有人回答，雨一直下——灯灭了。"),
    ("th", "ใครอยู่ที่นั่น ชายชราถาม ไม่มีใครตอบ ฝนตกลงมา"),
]


def _cuts(text: str, places: list[int], *, keep: bool) -> list[str]:
    """The text cut at these spaces, which stay with the left piece or are lost."""
    borders = [0, *(place + 1 for place in places), len(text)]
    cut = [text[start:end] for start, end in itertools.pairwise(borders)]
    return cut if keep else [*(piece[:-1] for piece in cut[:-1]), cut[-1]]


@pytest.mark.parametrize(("language", "text"), GOOD)
def test_a_good_text_cut_at_its_spaces_is_joined_as_it_was(language: str, text: str) -> None:
    spaces = [found.start() for found in re.finditer(r"\s", text)]
    for place in spaces:
        kept = _cuts(text, [place], keep=True)
        assert repairs(kept, language) == (), kept
        assert repairs([kept[0][:-1], text[place:]], language) == ()
        if text[place] == " " and language != "th":
            lost = _cuts(text, [place], keep=False)
            found = repairs(lost, language)
            assert mended(lost, found) == text, found
            assert len(found) == 1


@given(st.sampled_from([(language, text) for language, text in GOOD if " " in text and language != "th"]), st.data())
def test_a_good_text_in_many_pieces_is_joined_as_it_was(good: tuple[str, str], data: st.DataObject) -> None:
    language, text = good
    # A space beside a dash or a French mark is known from the piece's other ones, and there may be none.
    spaces = [found.start() for found in re.finditer("(?<![—–«]) (?![—–»;:?!])", text)]
    places = sorted(data.draw(st.sets(st.sampled_from(spaces), max_size=8)))
    assert repairs(_cuts(text, places, keep=True), language) == ()
    lost = _cuts(text, places, keep=False)
    found = repairs(lost, language)
    assert {repair.rule for repair in found} <= {"space"}
    assert mended(lost, found) == text


def test_the_repairs_name_seam_rule_and_place() -> None:
    pieces = ["It was a", "", "apple.", " “why?", "She said to the", "the cook. "]
    assert repairs(pieces) == (
        Repair(0, "article", 0, 8, 8, "n"),
        Repair(0, "space", 2, 0, 0, " "),
        Repair(2, "capital", 3, 2, 3, "W"),
        Repair(3, "quotes", 3, 6, 6, "”"),
        Repair(3, "space", 4, 0, 0, " "),
        Repair(3, "capital", 4, 0, 1, "s"),
        Repair(4, "space", 5, 0, 0, " "),
        Repair(4, "doubled word", 5, 0, 4, ""),
    )
    assert mended(pieces, repairs(pieces)) == "It was an apple. “Why?” she said to the cook. "


def test_each_repair_can_be_turned_off_alone() -> None:
    pieces = ["She ate a", "a apple.", "the rain fell"]
    found = repairs(pieces)
    off = {
        repair.rule + str(repair.seam): mended(pieces, [other for other in found if other != repair])
        for repair in found
    }
    assert off == {
        "space0": "She ate anapple. The rain fell",
        "doubled word0": "She ate an a apple. The rain fell",
        "article0": "She ate a apple. The rain fell",
        "space1": "She ate an apple.The rain fell",
        "capital1": "She ate an apple. the rain fell",
    }
    assert mended(pieces, found) == "She ate an apple. The rain fell"
    assert mended(pieces, reversed(found)) == "She ate an apple. The rain fell"
    assert mended(pieces, ()) == "".join(pieces)


@pytest.mark.parametrize("pieces", [[], [""], ["  "], ["one "], ["", " two, two "], ["“open", "  "], [" ", "the the"]])
def test_without_two_pieces_that_meet_there_is_no_seam(pieces: list[str]) -> None:
    assert repairs(pieces) == ()
    assert mended(pieces, ()) == "".join(pieces)


@pytest.mark.parametrize(
    "wrong",
    [
        [Repair(0, "space", 2, 0, 0, " ")],
        [Repair(0, "space", -1, 0, 0, " ")],
        [Repair(0, "space", 0, 2, 5, "")],
        [Repair(0, "space", 0, 2, 1, "")],
        [Repair(0, "space", 0, 0, 2, ""), Repair(0, "space", 0, 1, 3, "")],
    ],
)
def test_repairs_that_do_not_fit_are_refused(wrong: list[Repair]) -> None:
    with pytest.raises(ValueError, match="repair"):
        mended(["one", "two"], wrong)


def test_long_pieces_and_many_pieces() -> None:
    prose = "The lamp burned low, and nobody spoke. " * 2600
    assert mended([prose, prose], repairs([prose, prose])) == prose + prose
    assert mended(["a" * 100_000, "b"], repairs(["a" * 100_000, "b"])) == "a" * 100_000 + " b"
    assert mended(["a" + " " * 100_000, " b"], repairs(["a" + " " * 100_000, " b"])) == "a b"
    assert mended(["a,", "," * 100_000], repairs(["a,", "," * 100_000])) == "a,"
    words = ["one", "two", "three"] * 1000
    assert mended(words, repairs(words)) == " ".join(words)


LANGUAGES = st.sampled_from(["en", "en-GB", "fr", "de", "es", "pl", "sv", "el", "ja", "tr", ""])
MARKS = [*".,;:?!…—–-/“”\"„«»「」『』()[]'‘’*_ \u00a0\u202f\u3000\t¿¡。、", "...", "--", "?!", "\u0301", "\u200d", "🙂"]
WORDS = [
    "the",
    "The",
    "and",
    "A",
    "a",
    "an",
    "hour",
    "She",
    "said",
    "Mr.",
    "I",
    "8",
    "é",
    "雨",
    "あ",
    "ไทย",
    "שלום",
    "it’s",
]
ANYTHING = st.lists(st.sampled_from(MARKS + WORDS + [" "] * 20), max_size=9).map("".join)

CLAUSES = st.sampled_from(
    """the lamp burned low|The lamp burned low|and nobody spoke|And nobody spoke|she asked|He said|apple trees stood there
    |it was an|a|An|the|unicorns came|Ottoline ran to the|had|“Leave the lamp|“who is there|the ferryman” slept|a (small
    ) boat|8 bells rang|Mr. Plume|the old house|and the|at 9 p.m.|I|we had had""".replace("\n    ", "").split("|")
)
ENDS = st.sampled_from(["", "", "", ".", ",", "?", "!", ";", ":", "…", "...", "—", " —", ".”", ",”", "?”", " "])
STARTS = st.sampled_from(["", "", "", "", "", "“", "—", "— ", "…", ", ", ". ", " ", "(", "” "])
PROSE = st.lists(st.builds("{}{}{}".format, STARTS, CLAUSES, ENDS), max_size=6)


def _apart(pieces: list[str], found: tuple[Repair, ...]) -> list[str]:
    """Each piece with its own repairs applied."""
    alone = ([text if other == index else "" for other in range(len(pieces))] for index, text in enumerate(pieces))
    return [mended(row, [one for one in found if one.piece == index]) for index, row in enumerate(alone)]


@given(st.lists(ANYTHING, max_size=5), LANGUAGES, st.data())
def test_any_pieces_take_any_choice_of_their_repairs(pieces: list[str], language: str, data: st.DataObject) -> None:
    found = repairs(pieces, language)
    assert list(found) == sorted(found, key=lambda one: (one.seam, one.piece, one.start))
    filled = [index for index, text in enumerate(pieces) if text.strip()]
    last: dict[int, int] = {}
    for repair in sorted(found, key=lambda one: (one.piece, one.start, one.end)):
        assert repair.rule in RULES
        assert last.get(repair.piece, 0) <= repair.start <= repair.end <= len(pieces[repair.piece])
        assert pieces[repair.piece][repair.start : repair.end] != repair.put
        assert repair.seam in filled[:-1]
        assert repair.seam <= repair.piece <= filled[-1]
        last[repair.piece] = repair.end
    chosen = [repair for repair in found if data.draw(st.booleans())]
    joined = mended(pieces, chosen)
    touched = {repair.piece for repair in chosen}
    at = 0
    for index, text in enumerate(pieces):
        if index not in touched:
            at = joined.index(text, at) + len(text)
    changed = sum(len(repair.put) - (repair.end - repair.start) for repair in chosen)
    assert len(joined) == len("".join(pieces)) + changed


@given(PROSE, st.sampled_from(["en", "en", "fr", "es"]))
def test_mended_pieces_need_no_more(pieces: list[str], language: str) -> None:
    found = repairs(pieces, language)
    again = _apart(pieces, found)
    assert "".join(again) == mended(pieces, found)
    assert repairs(again, language) == ()


@given(PROSE)
def test_a_mended_seam_is_mended_wherever_its_space_falls(pieces: list[str]) -> None:
    left, right = [*pieces, "lamp", "lit"][:2]
    again = _apart([left, right], repairs([left, right]))
    whole = "".join(again)
    border = len(again[0])
    start, end = len(whole[:border].rstrip()), len(whole) - len(whole[border:].lstrip())
    for place in range(start, end + 1):
        assert repairs([whole[:place], whole[place:]]) == ()


@given(PROSE)
def test_words_are_lost_only_where_they_stood_twice(pieces: list[str]) -> None:
    found = [repair for repair in repairs(pieces) if repair.rule != "article"]
    said = re.findall(r"\w+", " ".join(pieces).lower())
    kept = re.findall(r"\w+", mended(pieces, found).lower())
    remaining = iter(said)
    assert all(word in remaining for word in kept)
    if not any(repair.rule == "doubled word" for repair in found):
        assert kept == said


def test_a_stray_quote_among_doubled_dashes_is_taken_once() -> None:
    pieces = ["She turned—", "—”—and left"]
    found = repairs(pieces)
    taken = [(repair.start, repair.end) for repair in found if repair.piece == 1 and repair.start < repair.end]
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(taken))
    assert mended(pieces, found) == "She turned—and left"
