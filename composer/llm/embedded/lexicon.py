"""Common nouns of people, animals, places and first names, for finding out who is in a request.

Lists only. What the corpus names in its casts is added by whoever uses them; a word missing here is guessed
from its spelling and its place in the sentence.
"""

from __future__ import annotations

from composer.llm.embedded.tokens import words

_ROLES = {
    "he": """
    man boy king prince father grandfather brother son uncle nephew husband lord duke baron monk priest abbot bishop
    friar butler groom waiter father-in-law ferryman fisherman postman blacksmith smith miller woodcutter sailor
    captain soldier knight guard thief beggar wizard hunter carpenter farmer ploughman shepherd sheriff emperor
    merchant giant troll ogre goblin dragon wolf bear fox lion badger hedgehog raven crow rooster dog donkey ox goat
    horse hare toad frog rat hawk eagle old-man watchman milkman policeman fireman salesman gentleman chauffeur cook
    baker butcher barber tailor cobbler tinker peddler pilot juggler clown magician astronomer judge mayor doctor
    keeper lamplighter lighthouse-keeper gravedigger undertaker engineer mechanic detective inspector sergeant
    general colonel lieutenant major prisoner convict burglar pirate drummer fiddler piper boxer dwarf ghost devil
    angel spy monkey
    """,
    "she": """
    woman girl queen princess mother grandmother sister daughter aunt niece wife widow lady duchess nun abbess witch
    maid nurse waitress actress seamstress governess mistress midwife goddess fairy mermaid bride heroine empress
    baroness countess sorceress hostess stewardess heiress heron otter gull seagull cat hen goose duck swan owl mouse
    sparrow swallow nightingale bee spider ewe cow mare vixen librarian gardener weaver teacher potter singer dancer
    botanist florist ballerina schoolmistress landlady milkmaid washerwoman fortune-teller typist
    """,
    "it": """
    robot machine computer android automaton golem crab fish whale shark snail beetle ant turtle tortoise snake lizard
    creature monster bird animal statue scarecrow puppet doll snowman
    """,
}
_EITHER = """
child stranger neighbour neighbor guest friend cousin twin orphan student pupil apprentice visitor traveller traveler
passenger driver rider runner writer poet painter sculptor author editor reporter journalist photographer scientist
chemist biologist physicist professor scholar clerk secretary lawyer banker accountant architect archivist curator
conductor musician pianist violinist composer actor director sailor servant messenger courier porter tenant landlord
owner customer shopkeeper innkeeper bookseller clockmaker watchmaker glassblower cartographer mapmaker mapmaker
bellringer beekeeper diver swimmer smuggler hermit saint pilgrim heir rival enemy enemy patient surgeon vet pharmacist
diplomat ambassador senator president minister candidate official officer agent captive witness victim suspect killer
murderer hero villain survivor refugee immigrant foreigner translator interpreter guide scout explorer climber
astronaut colonist commander navigator steersman helmsman digger mender schoolmaster roommate colleague boss partner
lover fiance fiancee parent teenager toddler baby infant elder chief warrior archer squire page jester bard oracle
prophet heretic stonemason mason bricklayer roofer plumber electrician welder
"""
GENDERS: dict[str, str] = {
    noun: gender for gender, nouns in [("they", _EITHER), *_ROLES.items()] for noun in nouns.split()
}
"""Noun of a person or animal to the pronoun it gets; "they" for those whose pronoun is not to be guessed."""

PLAIN = words("""
    man woman boy girl king queen prince princess mother father grandmother grandfather brother sister son daughter uncle
    aunt niece nephew husband wife lady lord widow maid bride monk nun priest abbot abbess gentleman
    """)
"""Those of them whose pronoun is plain from what they are; of the others it is only likely."""

PLACES = words("""
    attic barn bay beach bridge building cabin cafe camp castle cathedral cave cellar cemetery chapel church churchyard
    city cliff coast corridor cottage courtyard desert dock factory farm field forest garden garage gate graveyard hall
    harbour harbor hill home hospital hotel house hut inn island jail jetty kitchen lagoon lake landing library
    lighthouse market marsh meadow mill mine monastery moor mountain museum observatory ocean office orchard palace
    park path pier pond port prison quay railway reef river road roof room ruin school sea shed ship shop shore square
    stable stage station street studio swamp tavern temple theatre theater tower town train trench tunnel valley
    village well wharf wood woods workshop yard yacht zoo apartment bakery balcony bank bar basement bathroom bedroom
    boathouse bookshop border canal carriage clearing court ballroom dungeon embassy garret greenhouse gym hallway
    highway laboratory lab lobby lounge mansion metro morgue motel nursery orphanage pantry parlour pharmacy planet
    platform playground plaza pool restaurant riverbank runway saloon sanatorium smithy spaceport staircase stairwell
    stairs subway supermarket terminal terrace trail university vault veranda village warehouse waterfall wilderness
    windmill
    """)
"""Nouns of places."""

NOT_PEOPLE = words("""
    letter river ladder water paper tower corner danger summer winter weather feather finger flower hammer dinner supper
    number timber silver copper mirror door floor harbour harbor anchor order power shoulder thunder drawer cellar
    chamber border quarter matter cover whisper answer pepper butter leather poster container computer printer
    helicopter color colour error terror horror razor motor tractor projector elevator escalator radiator calculator
    odor armor armour humor humour rumor rumour labor labour vapor vapour neighbourhood tremor meteor ancestor
    character paper counter center centre theater theater lantern cloister oyster sister brother mother father
    umber ember amber fiber tiger panther spider beaver badger hamster lobster rooster otter hornet cover river
    gutter shelter winter wonder murder laughter slaughter daughter disaster monster master quarter semester trailer
    saucer poker joker locker rocker cooler freezer toaster burner heater boiler charger fever liver liquor pillar
    altar collar dollar cellar grammar calendar sugar cedar nectar burglar scholar planner folder binder ladder
    sweater slipper zipper buffer bumper blister cluster cylinder powder glider ginger prayer layer skyscraper
    shower chapter newspaper wallpaper
    """)
"""Nouns whose ending is that of a person's trade, and which are none."""

_NAMES = {
    "she": """
    ada agatha agnes alice amelia amina ana anna anne annie astrid aunt beatrice bella beth bridget carmen caroline
    carol catherine cecile celeste charlotte chloe clara claire constance cora daisy dana daphne deborah delia diana
    dora dorothy edith eleanor elena eleni elise eliza elizabeth ella ellen elsa elsie emily emma esther eva eve evelyn
    fatima fiona flora florence frances freya gail georgia gertrude gloria grace greta gwen hannah harriet hazel heather
    heidi helen helga henrietta hilda holly hope ida ines ingrid irene iris isabel isabelle isla ivy jane janet jean
    jenny jess jessica jo joan joanna josephine joy joyce judith julia juliet june karen kate katherine kay kim kirsten
    laura lea leah lena leonie leila lily linda liv lois lola louise lucia lucy lydia mabel madeleine maeve maggie mara
    margaret margot maria marian marie marit marta martha mary matilda maud maya meg mei meredith mia mildred mina
    miriam molly mona morgan muriel nadia nan nancy naomi nell nina noor nora odette olga olive olivia ophelia paige
    pam patience paula pauline pearl penelope petra phoebe pia polly portia priya prudence rachel rebecca rhoda rosa
    rose rosie roxanne ruby ruth sabine sally salome sara sarah selma sheila shirley sigrid silvia simone sofia sonja
    sophia sophie stella sue susan sybil sylvia tamara tara tess tessa thea theresa tilda trudy una ursula uma vera
    veronica victoria viola violet vivian wanda wen wilma winifred yara yasmin yolanda yuki yvonne zelda zoe zora
    """,
    "he": """
    aaron abel abraham adam adrian ahmed alan albert aldo alec alex alexander alfred ali ambrose anders andre andrew
    anselm anthony anton archie arno arthur august axel barnaby basil ben benedict benjamin bernard bill bob boris
    bram brian bruno byron caleb carl carlo casper cedric charles charlie christopher clarence claude colin conrad
    cyril daniel dario david dennis dimitri dominic donald douglas duncan edgar edmund edward edwin eli elias elliot
    emil enzo eric ernest ethan eugene evan ezra fabian felix finn florian francis frank fred frederick fritz gabriel
    gareth gaspar george gerald gilbert giovanni gordon graham gregory gustav guy hamid hans harold harry harvey hassan
    hector henrik henry herbert herman hugh hugo humphrey ian ibrahim igor ira isaac ivan ivo jack jacob jakob james
    jan jasper jim joe joel john jon jonah jonas jonathan jorge jose josef joseph joshua joss julian jules karl keith
    ken kenji kevin klaus kurt lars laurence leo leon leonard levi lewis liam lionel louis luca lucas luis luke magnus
    malcolm marcel marco marcus mark martin mathias matteo matthew maurice max maxim michael miguel mikhail milo mohamed
    morris moses nathan ned neil nicholas nick nigel nikolai nils noah norman oliver omar oren orlando oscar oskar otis
    otto owen pablo pat patrick paul pavel pedro percy peter philip pierre pip piotr quentin rafael ralph ramon raymond
    reuben richard robert robin rodrigo roger roland roman ronald rory ross roy rudolf rufus rupert ryan sam samir
    samuel saul sebastian silas simon stanley stefan stephen steven sven tariq ted theo theodore thomas tim timothy tobias
    toby tom tomas tony tristan ulrich uncle victor viktor vincent virgil walter warren wilfred wilhelm will william
    winston wolfgang xavier yusuf zachary
    """,
}
NAME_GENDERS: dict[str, str] = {name: gender for gender, names in _NAMES.items() for name in names.split()}
"""First name in lower case to the pronoun it gets."""

TITLES = {
    "mr": "he", "mrs": "she", "miss": "she", "ms": "she", "lady": "she", "lord": "he", "sir": "he", "aunt": "she",
    "uncle": "he", "captain": "he", "king": "he", "queen": "she", "prince": "he", "princess": "she", "father": "he",
    "mother": "she", "sister": "she", "brother": "he", "doctor": "", "dr": "", "professor": "", "old": "",
}  # fmt: skip
"""Words in lower case that belong to the name after them, with the pronoun they tell, if any."""
