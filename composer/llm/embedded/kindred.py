"""Words and turns of phrase that can stand for one another.

Which wording may take the place of which is listed here, sense by sense; whether it does is a matter of
probabilities (see `rewording`). A line of a table holds wordings that are alike; with a `=`, those after it can
stand for those before it and not the other way; with a `>`, they are plainer too. What stands after a `|` must
follow the wording: words, or a sign: `*` an object, `.` the end of a clause, `+` a verb in -ing, `~` an adjective.
An underscore is a space, `%` any possessive. Verbs are listed in their base form, nouns in the singular.

Knows no text and no probabilities, and tells no one what to prefer but plain words to long ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from composer.llm.embedded.grammar import FUNCTION, gerund, past, plural, present
from composer.llm.embedded.tokens import words

VERBS = """
look glance | up down back around over toward towards away
look gaze | at into out
glance = look | at
look glance | at
peer = look | into through
gaze stare | at into out through
gaze_upon > look_at | *
walk stroll wander | along through down across around
walk go | to toward towards into out home past over
go head | to toward towards back
hurry rush | to toward towards into out down up back past through across
race run dash | to toward towards across down up out through into back
climb clamber | over out onto into
creep slip steal | into out past through along
slip slide | into from off under
grab seize snatch | *
clutch grip | *
throw toss fling | *
set = put | *
put place | *
pull tug | at
drag haul | *
push shove | * at
shut close | * .
begin start | +
go_on keep | +
keep_on go_on > keep | +
commence > begin start | *
stop halt | .
wait linger | by at outside in beside
stay remain | in at on where
shout yell | . , at
shout yell = cry | . ,
shout bellow roar | at
whisper murmur | . , to
reply answer | . ,
laugh chuckle | . , at
smile grin | . , at
weep = cry | .
tremble shake shiver | .
remember recall | the a how what when
discover > find | *
search look | for
hunt search | for
choose pick | *
wish > want | to
attempt > try | to
assist aid > help | *
hate detest loathe | *
lift raise | *
let_fall = drop | *
tumble fall | into down onto from off
leap jump spring | up out over onto into down from
get_up stand_up rise | . and
get_to_%_feet > stand_up rise | . and
stand_up > stand | . and
sit_down > sit | . and at on beside by in
come_back return | . to from with
go_back return | . to
go_on continue | . ,
carry_on > go_on | . , with
enter = go_into come_into | *
depart > leave | .
arrive_at reach come_to | *
turn_around > turn | . and to
swing spin whirl | around round toward towards
gleam glint glitter shine | in on through
conceal > hide | *
reveal > show | *
contain > hold | *
inform > tell | *
give hand | him_the her_the them_the me_the us_the him_% her_%
obtain acquire > get
become grow | cold dark quiet silent still tired restless pale weary thin warm late old
get > grow | cold dark quiet silent tired restless pale weary thin warm late old angry
appear > seem | to as that ~
look seem | ~
occur take_place > happen | . in at on when
construct > build
repair mend fix | *
smash shatter | * .
knock rap | on at
bang pound thump | on at against
fetch bring | *
dispatch > send
pursue chase | *
encounter > meet
collect gather | *
heap pile stack | *
scatter strew | *
dangle hang | from over
lean rest | against
stoop bend | down over to
doze sleep | .
wake_up > wake | . and
devour > eat
motion beckon wave | to
hesitate pause | . , before
decide resolve | to
intend > mean plan | to
perish pass_away > die
reside dwell > live
labour > work
speak talk | to with of about
mumble mutter | . , to
grumble complain | . about
scream shriek | . at in
respond > answer reply | . , to
confess admit | that to
decline > refuse
allow > let | him her them me us it you
permit > let | him her them me us it you
employ utilise utilize > use
observe > watch | *
inspect examine study | *
drift float | down along past through across on
roam wander | through about around
stumble trip | over on
stagger lurch reel | back to into across out toward
crawl creep | out under into through across along
escape flee | . from
vanish disappear | . into from behind
emerge_from > come_out_of | *
fasten tie | *
bolt lock | the_door the_gate the_doors the_window
rustle whisper | in .
creak groan | . under
wail howl | . in through
rinse wash | *
scrawl scribble | *
possess > own have | *
require > need | *
receive > get | *
terminate conclude > end
purchase > buy
retrieve > fetch | *
exit > leave | *
ascend > climb | *
descend > climb_down go_down | *
consume > eat
inquire enquire > ask | . ,
exclaim > cry | . ,
state declare > say | . , that
remark comment > say | . , that
retort > answer | . ,
demonstrate > show | *
indicate > point_to | *
notice see spot | the <a> that him her them
proceed_to > go_to | *
make_%_way > go | to toward towards into through across down up back out along
come_to_a_stop come_to_a_halt > stop | .
let_out_a_sigh give_a_sigh heave_a_sigh > sigh | .
let_out_a_laugh give_a_laugh > laugh | .
let_out_a_cry give_a_cry > cry_out | .
give_a_nod nod_%_head > nod | . at to
give_a_shrug shrug_%_shoulders > shrug | . and
shake_%_head_no > shake_%_head | .
take_a_look have_a_look > look | at .
take_a_seat > sit | at by in on beside .
give_a_start > start | .
be_able_to > can
continue > go_on | +
try_and > try_to
tap rap | on at
pour stream | down from into through out
trickle drip | down from into
burn blaze | . in
hurl fling | *
cover hide | %
rest = lie | on in under
linger stay | . in on
gulp swallow | *
shove push thrust | *
hug embrace | *
mock tease | *
hiss whisper | . ,
slump sink | into onto to down
sip drink | * from
hum sing | to .
sneak creep slip | into out past through up down
trudge plod | along through up down across back home
march stride | into out up across to toward through down
hobble limp | to across along back away home
leap_to_%_feet jump_to_%_feet spring_to_%_feet > jump_up spring_up | . and
return_back > return
whisper_quietly whisper_softly > whisper
shout_loudly > shout
run_quickly run_fast > run
hurry_quickly rush_quickly > hurry rush
rise_up > rise
climb_up > climb | the %
fall_down > fall | . and
lift_up > lift | *
raise_up > raise | *
kneel_down > kneel | . and by beside on
crouch_down > crouch | . and by beside behind
gather_together > gather | . and
repeat_again > repeat
blink_%_eyes > blink | .
nod_%_head_in_agreement > nod
make_a_decision come_to_a_decision > decide | . to
give_a_smile > smile | . at
be_aware_that > know_that
take_hold_of > seize | *
make_use_of > use | *
walk_over_to go_over_to cross_over_to = cross_to | *
be_located > be | in on at near by
have_a_conversation > talk | . with
pay_a_visit_to > visit | *
come_to_the_realisation_that > realise_that
make_an_attempt_to > try_to
put_up_with endure | *
look_after = tend | *
set_out set_off | for on at . to
find_out learn | that what how why
carry_out > do | the % a
put_out = douse | the
call_out = cry_out | . ,
pick_up = take_up | *
run_away = flee | . from
fill_up > fill
finish_up > finish
hurry_up > hurry | and
sink_down > sink | into on onto
think_to_himself think_to_herself think_to_myself think_to_themselves > think
make_a_noise > make_a_sound | .
"""
"""Each sense of a verb. A compound is inflected in its first word."""

ADJECTIVES = """
big large
enormous huge vast
tiny small
ancient > old
lovely beautiful
ugly hideous
icy cold | water wind air rain hand hands stone floor sea
damp wet
dim dark | room hall passage corridor light
bright brilliant | light sun sunlight colours colors
quiet silent
swift quick
furious angry
unhappy sad
glad happy
frightened scared
weary tired
odd strange
peculiar curious strange
foolish silly
brave bold
wealthy > rich
slender thin
plump stout
broad wide
ragged tattered
filthy grimy dirty
coarse rough
gentle soft | voice light rain breeze wind touch
pale white | face light hand hands
crimson scarlet
lonely solitary
entire > whole
final last
sure certain | that of
dreadful terrible awful
horrible dreadful
splendid wonderful marvellous
nice pleasant
faint dim | light glow
faint weak | voice smile sound
dreary bleak
crooked bent
ordinary plain
proud haughty
timid shy
stubborn obstinate
lazy idle
uneasy anxious
astonished amazed
delighted pleased
shiny gleaming
numerous > many
additional > more
distant far-off | hills hill sound thunder bell bells voice shore music
sudden abrupt
grim stern | face look voice
calm still | sea water lake surface
deserted empty | street streets road beach house room square
immense vast
elderly aged > old
steep sheer | cliff cliffs
muffled dull | sound thud thump
narrow thin | gap crack strip ledge
worn shabby | coat shoes boots carpet
hoarse rough | voice whisper
smooth even | surface
difficult > hard | to
"""
"""Each sense of an adjective; some only before certain nouns."""

NOUNS = """
track path trail
stone rock
shore beach
hillside slope
brook stream
storm gale
sound noise
grin smile
dread fear
horror terror
rage fury anger
joy delight
sorrow grief
notion idea
chore task
voyage journey
trip journey
gift present
garments > clothes
scrap piece | of
rim edge | of
middle heart | of_the_forest of_the_wood of_the_city of_the_town
top summit | of_the_hill of_the_mountain
darkness gloom
silence hush quiet
error mistake
response > answer reply
tale story
tune melody
glance look | at
odour = smell
stench stink
gleam glow | of in on
blaze fire flames
mire mud
vow promise
habit custom
ache pain
throng crowd
rush hurry | to
commotion fuss
shiver shudder
gust breath | of
murmur whisper | of
outskirts edge | of
"""
"""Each sense of a noun, in the singular; inflected together."""

PHRASES = """
nearly almost
slowly little_by_little | .
quickly fast | .
softly quietly
suddenly all_at_once | , he she it they the
immediately at_once
finally at_last | , he she it they the
sometimes now_and_then | . ,
soon before_long | .
often many_times | .
perhaps maybe
once_again > again
once_more again
surely certainly
gladly happily
silently without_a_word | .
silently quietly
gently softly
for_a_moment for_an_instant
for_a_while for_a_time
after_a_while after_a_time
in_order_to > to
so_as_to > to
due_to_the_fact_that > because
owing_to_the_fact_that > because
in_spite_of_the_fact_that despite_the_fact_that > although
at_that_moment at_that_point > then
at_this_point at_this_moment > now
in_the_direction_of > toward
on_top_of > on
next_to close_to > by beside | *
all_of_a_sudden > suddenly all_at_once | , he she it they the
each_and_every > every
a_couple_of > two
a_number_of > several some
in_the_event_that > if
the_reason_why > why
as_soon_as > when
as_if as_though
such_as > like
upon > on | the %
amongst > among
whilst > while
till = until
however_, > but | *
nevertheless_, > still_,
therefore_, > so
off_of > off
inside_of > inside
outside_of > outside
all_of_the > all_the
both_of_the > both
in_the_middle_of in_the_midst_of | the <a>
at_the_same_time > together | .
from_time_to_time now_and_then
with_great_care > carefully
in_a_loud_voice > loudly | .
in_a_low_voice > softly | . ,
in_a_soft_voice in_a_quiet_voice > softly | . ,
in_a_hurry > quickly | .
very_small > tiny
very_large very_big > huge
very_tired > exhausted | .
very_angry > furious
very_old > ancient | house tree man woman book
very_cold > icy | water wind air
very_loud > deafening
very_quiet > silent
very_bright > dazzling | light
very_hungry > starving | .
very_frightened > terrified
very_happy > delighted | .
very_quickly > at_once | .
very_carefully > with_great_care | .
hardly barely scarcely
far_away far_off
a_little a_bit | ~
were_able_to > could
was_unable_to were_unable_to > could_not
no_longer_able > unable | to
at_first to_begin_with | ,
in_the_end at_last | , he she they it
the_whole_time all_the_while | .
not_far_from near | *
as_well > too | .
right_away straight_away at_once | .
here_and_there > about | .
beneath under | *
because_of_the_fact_that > because
in_front_of = before | the him her them
that_moment that_instant | . he she
a_moment_later an_instant_later
at_dusk at_twilight
at_dawn at_daybreak at_first_light
for_some_reason somehow | ,
despite in_spite_of | *
along_with together_with = with | *
until_such_time_as > until
by_means_of > with
in_silence without_a_word | .
smile_on_%_face > smile
grin_on_%_face > grin
look_on_%_face > look
for_a_long_time for_a_long_while
at_the_present_time > now
in_the_near_future > soon
all_of_them > they | were had
some_kind_of some_sort_of
over_and_over_again > again_and_again
completely_and_utterly > utterly
first_and_foremost > first
whether_or_not > whether
in_the_meantime meanwhile
while_at_the_same_time > while
a_great_deal_of > much
for_instance for_example
as_a_result_, > so
in_addition_, > and
at_a_rapid_pace > quickly
a_little_while a_short_while
the_first_thing_that > what
up_until > until
in_close_proximity_to > near
on_a_daily_basis > every_day
with_the_exception_of > except
in_the_vicinity_of > near
the_moment_that > when
"""
"""Turns of phrase without inflection."""

MOMENTARY = words("glance glanced glances notice noticed notices spot spotted spots spotting noticing glancing")
"""Forms of verbs for what is done in a moment."""
POSSESSIVES = words("his her my their your our its")
_BE = {"be": ("was", "is", "being"), "can": ("could", "can", "")}


@dataclass(frozen=True, slots=True)
class Kin:
    """A wording, and what can stand for it."""

    pattern: tuple[str, ...]
    """Its symbols; `%` for any possessive."""
    part: str
    """"verb", "adjective", "noun" or "phrase"."""
    form: str
    """Of a verb "base", "present", "past" or "gerund"; of a noun "singular" or "plural"; else empty."""
    follows: tuple[tuple[str, ...], ...]
    """What may come after it, each a run of words and signs; empty for anything."""
    others: tuple[tuple[str, ...], ...]
    """The symbols of each wording that can stand for it."""
    plainer: bool
    """Whether those are plainer than it is, and not merely alike."""


@lru_cache(maxsize=1)
def kin() -> dict[str, tuple[Kin, ...]]:
    """All wordings by their first symbol, the longest first."""
    found: dict[str, list[Kin]] = {}
    for part, table in (("verb", VERBS), ("adjective", ADJECTIVES), ("noun", NOUNS), ("phrase", PHRASES)):
        for line in table.split("\n"):
            if line:
                for each in _line(part, line):
                    found.setdefault(each.pattern[0], []).append(each)
    return {first: tuple(sorted(some, key=lambda each: -len(each.pattern))) for first, some in found.items()}


@lru_cache(maxsize=1)
def adjectives() -> frozenset[str]:
    """The adjectives that are listed."""
    lines = (line.partition("|")[0] for line in ADJECTIVES.split("\n"))
    return frozenset(word for line in lines for word in line.split() if word != ">") | words(
        "afraid ashamed worried surprised hungry thirsty ready alone asleep awake ill sick angry young good bad "
        "warm hot empty full heavy light deep high low long short sharp new young clean clear poor dead alive"
    )


def _line(part: str, line: str) -> Iterable[Kin]:
    wordings, _, following = line.partition("|")
    left, sign, right = re.split(r"([=>])", wordings) if re.search(r"[=>]", wordings) else (wordings, "", "")
    follows = tuple(tuple(run.split("_")) for run in following.split())
    froms = [tuple(word.split("_")) for word in left.split()]
    tos = [tuple(word.split("_")) for word in right.split()]
    for form in _FORMS[part]:
        for pattern in froms:
            others = tos if sign else [other for other in froms if other != pattern]
            own = _inflect(pattern, form)
            alike = tuple(_inflect(other, form) for other in others)
            if own and all(alike):
                yield Kin(own, part, form, follows, alike, sign == ">")


_FORMS = {
    "verb": ("base", "present", "past", "gerund"),
    "noun": ("singular", "plural"),
    "adjective": ("",),
    "phrase": ("",),
}


def _inflect(wording: tuple[str, ...], form: str) -> tuple[str, ...]:
    head, rest = wording[0], wording[1:]
    if head == "can" and form == "base":
        return ()
    if form in ("", "base", "singular"):
        changed = head
    elif head in _BE:
        changed = _BE[head][("past", "present", "gerund").index(form)]
    elif form == "plural":
        changed = plural(head) if head not in FUNCTION else head
    else:
        changed = {"present": present, "past": past, "gerund": gerund}[form](head)
    return tuple("<a>" if word in ("a", "an") else word for word in (changed, *rest) if word)
