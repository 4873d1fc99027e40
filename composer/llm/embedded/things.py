"""Nouns of things by their kind, so that what is done with one may be done with its kin.

Lists only. What belongs to no list is a thing of its own kind. Knows no text and no probabilities.
"""

from __future__ import annotations

from composer.llm.embedded.tokens import words

_KINDS = """
lamp lantern candle torch light beacon match
letter book map chart ledger note diary newspaper postcard will contract manuscript poem script ticket page list telegram
box chest jar barrel sack basket trunk suitcase drawer jug bucket bottle bag purse envelope case safe
bell drum fiddle whistle flute violin piano guitar horn harp trumpet accordion cello
bread fish fruit pear apple loaf cake soup pie egg cheese plum cherry cherries berries meal supper
salt flour oil fog water wine milk honey sugar snow sand gold money smoke medicine wool tea
coat shoe hat dress glove scarf shirt uniform boot cloak ring necklace brooch veil apron
umbrella parasol tent
ladder stool
spade broom hammer axe saw needle shovel anchor oar plough
seed tree rose flower bulb vine sapling
boat ship cart wagon car train bicycle carriage lorry truck
clock watch wheel compass telescope mirror camera radio engine machine lens
chair table bed bench carpet cradle rug
rope net chain thread knot sail kite string
key lock coin pearl stone gem diamond medal button token crown sword gun knife pistol
picture painting portrait photograph drawing statue mask doll toy
spoon cup plate bowl kettle teapot pot pan glass
"""
KINDS: dict[str, int] = {
    noun: number for number, line in enumerate(_KINDS.strip().splitlines()) for noun in line.split()
}
"""Noun of a thing to the number of its kind."""

MASS = words("""
    bread salt flour oil fog water wine milk honey sugar snow sand gold money smoke medicine wool tea soup cheese light
    fruit silver ice grain corn wheat rice coffee beer blood fire paint ink dust ash music furniture news luggage
    """)
"""Those of which there is no single one."""

UPON = words("""
    bridge hill island landing quay reef road shore mountain roof beach coast moor pier jetty street square balcony
    terrace farm platform runway trail highway border ship boat train stairs staircase stairwell rock cliff dock wharf
    path planet riverbank waterfront playground plain ice deck
    """)
"""Places that one is on."""
ABOUT = words("""
    station well market door gate window inn lighthouse mill crossing harbour harbor school university airport
    monastery river lake pond sea seaside table shop corner fair
    """)
"""Places that one is at."""

HIGH = words("hill mountain tower lighthouse stairs staircase roof cliff wall tree ladder")
"""Places and things that one climbs."""

ABSTRACT = words("""
    love grief trust time care death life memory hope fear shame guilt truth lie joy anger loss faith war peace art beauty
    power work silence story stories tale idea question answer secret promise debt dream wish doubt pride courage
    patience mercy justice revenge loneliness light dark darkness past future present change home family friendship
    marriage childhood age youth luck fate chance name word words help money cost price difference meaning point need
    want weight way end beginning kind sort thing things people world day night morning evening year week month hour
    minute moment winter summer spring autumn season days nights years robbery murder crime theft wedding funeral party
    accident journey trip voyage argument fight quarrel trial game race storm flood rain wind snow fog plague drought
    dawn dusk sun moon stars sky weather alone turn side part place job mind heart head hand hands eye eyes face voice
    back feet
    """)
"""Nouns of what nobody can carry."""
