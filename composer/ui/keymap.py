"""The key table: every action with its id, keys, place and words. Bindings, help, hints and the palette are made from it.

The settings may give an action other keys by its id. It does nothing itself: actions are methods named after the ids.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType

Where = Literal[
    "everywhere",
    "text",
    "candidates",
    "outline",
    "drafts",
    "lenses",
    "history",
    "player",
    "models",
    "prompt",
    "notebook",
    "context",
]

PLACES: dict[Where, str] = {
    "everywhere": "Everywhere",
    "text": "In the text",
    "candidates": "In the candidates",
    "outline": "In the outline",
    "drafts": "In the drafts",
    "lenses": "In the lenses",
    "history": "In the history",
    "player": "In the player",
    "models": "In the models",
    "prompt": "In the prompt",
    "notebook": "In the notebook",
    "context": "In the context",
}


@dataclass(frozen=True)
class Key:
    """An action. `id` is dotted by noun; `keys` are Textual's names, comma-separated; `shown` is how people read them;
    `word` is for hints and the palette, `does` is a sentence for the help. An empty `action` marks keys that only the help names.
    """

    where: Where
    id: str
    keys: str
    shown: str
    word: str
    does: str

    @property
    def action(self) -> str:
        return self.id.replace(".", "_")


TABLE: tuple[Key, ...] = (
    Key(
        "everywhere",
        "pane.right",
        "tab",
        "tab",
        "other pane",
        "Text and candidates, to and fro; from the outline to the text",
    ),
    Key("everywhere", "pane.left", "shift+tab", "shift+tab", "outline", "To the outline; from there to the text"),
    Key(
        "everywhere",
        "back",
        "escape",
        "esc",
        "back",
        "Closes what is open, else back to the text. Never quits, stops or discards",
    ),
    Key("everywhere", "round.ask", "ctrl+g", "^g", "ask", "Asks for candidates for what is under the cursor"),
    Key("everywhere", "round.box", "ctrl+r", "^r", "ask with…", "Opens the request box first: instruction and ladder"),
    Key("everywhere", "place", "ctrl+t", "^t", "place", "Places the marked pieces, or the candidate"),
    Key(
        "everywhere",
        "shelf.keep",
        "ctrl+k",
        "^k",
        "keep",
        "Keeps on the shelf: the selection, the marks, or the piece under the cursor",
    ),
    Key("everywhere", "goto", "ctrl+o", "^o", "go to", "Goes to a beat, a chapter, a paragraph (¶12) or a hole"),
    Key("everywhere", "find", "ctrl+f,slash", "^f", "find", "Finds in the text, and replaces"),
    Key("everywhere", "undo", "ctrl+z,ctrl+underscore", "^z", "undo", "Takes back the newest step"),
    Key("everywhere", "redo", "ctrl+y", "^y", "redo", "Brings it back"),
    Key(
        "everywhere", "copy", "ctrl+c", "^c", "copy", "Copies the selection or the piece under the cursor; never quits"
    ),
    Key(
        "everywhere", "flush", "ctrl+s", "^s", "save", "Writes what is pending, and says how much is on disk and where"
    ),
    Key("everywhere", "redraw", "ctrl+l", "^l", "redraw", "Draws the screen anew"),
    Key("everywhere", "palette", "ctrl+p", "^p", "palette", "Every action by name, with its key"),
    Key("everywhere", "help", "f1,question_mark", "f1", "help", "The keys of this place"),
    Key(
        "everywhere",
        "context",
        "f2",
        "f2",
        "context",
        "What a request holds, part by part: before it is sent, and in the candidates what was sent; leaves out, pins, condenses",
    ),
    Key(
        "everywhere",
        "search",
        "f3",
        "f3",
        "shelf and search",
        "The shelf, and search in all that was ever written by a model or cut from the text",
    ),
    Key("everywhere", "origin", "f4", "f4", "where from", "Goes to the candidate behind the caret, with its round"),
    Key("everywhere", "tint", "f5", "f5", "tint", "Tints the text: off, by hand or model, by temperature, by model"),
    Key("everywhere", "history", "f8", "f8", "history", "The tree of all changes; goes to any of them, and replays"),
    Key("everywhere", "stories", "f9", "f9", "stories", "Another story, or a new one of your own"),
    Key(
        "everywhere",
        "drafts",
        "",
        "",
        "drafts",
        "The whole story written beat by beat, several times at once, in a table to pick from (t in the outline)",
    ),
    Key(
        "everywhere", "lenses", "", "", "lenses", "The lenses that requests are framed with: reads, edits and adds them"
    ),
    Key("everywhere", "replay", "", "", "replay", "Replays the story from its first entry to now"),
    Key(
        "everywhere",
        "cost",
        "",
        "",
        "cost",
        "Tokens sent and written, and money: by round, by model, by day and in all",
    ),
    Key("everywhere", "spelling", "", "", "spelling", "Lists words that may be misspelt; ^n then walks through them"),
    Key("everywhere", "details", "", "", "title and purpose", "Changes the story's title and purpose"),
    Key(
        "everywhere", "notes", "", "", "notes", "People, places and facts to keep straight: write, pin and import them"
    ),
    Key(
        "everywhere",
        "exemplars",
        "",
        "",
        "exemplars",
        "Samples of the style that is wanted: add, take out and import them",
    ),
    Key("everywhere", "theme", "", "", "theme", "Chooses the colours"),
    Key("everywhere", "model", "", "", "models", "The models and servers that write: choose, try, add and change them"),
    Key(
        "everywhere",
        "prompt",
        "",
        "",
        "prompt as sent",
        "Shows the request as text, by each chat template, special tokens marked",
    ),
    Key("everywhere", "zoom", "z", "z in lists", "zoom", "This pane alone, or all of them again"),
    Key("everywhere", "quit", "ctrl+q", "^q", "leave", "Leaves at once; what arrived is kept"),
    Key(
        "text", "text.type", "", "letters", "type", "Letters type; [brackets] make a hole, *** or # alone a scene break"
    ),
    Key("text", "text.enter", "enter,ctrl+j", "enter", "paragraph", "New paragraph"),
    Key("text", "text.left", "left", "arrows", "move", "Moves the caret; with ctrl by word"),
    Key("text", "text.right", "right", "", "", ""),
    Key("text", "text.up", "up", "", "", ""),
    Key("text", "text.down", "down", "", "", ""),
    Key("text", "text.word_left", "ctrl+left,alt+b", "", "", ""),
    Key("text", "text.word_right", "ctrl+right,alt+f", "", "", ""),
    Key("text", "text.home", "home,ctrl+a", "home, end", "row", "To the start or the end of the row (also ^a, ^e)"),
    Key("text", "text.end", "end,ctrl+e", "", "", ""),
    Key(
        "text",
        "text.page_up",
        "pageup",
        "page keys",
        "page",
        "A screen up or down; with ctrl to the start or the end of the text",
    ),
    Key("text", "text.page_down", "pagedown", "", "", ""),
    Key("text", "text.first", "ctrl+home,ctrl+pageup", "", "", ""),
    Key("text", "text.last", "ctrl+end,ctrl+pagedown", "", "", ""),
    Key("text", "text.select_left", "shift+left", "shift+arrows", "select", "Selects; or ctrl+space, then arrows"),
    Key("text", "text.select_right", "shift+right", "", "", ""),
    Key("text", "text.select_up", "shift+up", "", "", ""),
    Key("text", "text.select_down", "shift+down", "", "", ""),
    Key("text", "text.select_word_left", "ctrl+shift+left", "", "", ""),
    Key("text", "text.select_word_right", "ctrl+shift+right", "", "", ""),
    Key("text", "text.select_home", "shift+home", "", "", ""),
    Key("text", "text.select_end", "shift+end", "", "", ""),
    Key(
        "text",
        "text.anchor",
        "ctrl+@,ctrl+space",
        "^space",
        "start selecting",
        "Starts or ends a selection that arrows stretch",
    ),
    Key("text", "text.grow", "f6", "f6", "grow", "Grows the selection: word, sentence, paragraph, scene, chapter"),
    Key("text", "text.all", "f7", "f7", "all", "Selects all text"),
    Key("text", "text.backspace", "backspace", "backspace, delete", "delete", "Deletes a character (also ^d)"),
    Key("text", "text.delete", "delete,ctrl+d", "", "", ""),
    Key("text", "text.word_back", "ctrl+w,alt+backspace", "^w", "delete word", "Deletes the word before the caret"),
    Key("text", "text.sentence_back", "ctrl+u", "^u", "delete sentence", "Deletes back to the start of the sentence"),
    Key("text", "text.cut", "ctrl+x", "^x", "cut", "Cuts the selection, with its origins"),
    Key("text", "text.paste", "ctrl+v", "^v", "paste", "Pastes what was cut or copied here, with its origins"),
    Key("text", "hole.next", "ctrl+n", "^n", "next hole", "Goes to the next [hole]"),
    Key("candidates", "cand.n", "", "1–9, 0", "go to", "Goes to that candidate; 0 is the tenth"),
    Key("candidates", "piece.up", "up,k", "↑ ↓", "piece", "The piece before or after, on into the next candidate"),
    Key("candidates", "piece.down", "down,j", "", "", ""),
    Key("candidates", "cand.before", "left,h", "← →", "candidate", "The candidate before or after"),
    Key("candidates", "cand.after", "right,l", "", "", ""),
    Key(
        "candidates",
        "piece.smaller",
        "minus",
        "- +",
        "piece size",
        "Smaller or larger piece: word, clause, sentence, paragraph",
    ),
    Key("candidates", "piece.larger", "plus", "", "", ""),
    Key("candidates", "mark", "space", "space", "mark", "Marks the piece, or unmarks it"),
    Key("candidates", "mark.span", "v", "v", "span", "Starts a span of pieces: arrows stretch it, space marks it"),
    Key(
        "candidates",
        "mark.earlier",
        "less_than_sign",
        "< >",
        "order",
        "Moves the mark under the cursor earlier or later in the splice",
    ),
    Key("candidates", "mark.later", "greater_than_sign", "", "", ""),
    Key("candidates", "mark.clear", "u", "u", "lift marks", "Lifts all marks; again puts them back"),
    Key(
        "candidates",
        "place.here",
        "enter",
        "enter",
        "place",
        "Places the marked pieces in the order marked; without marks, the candidate",
    ),
    Key("candidates", "place.own", "o", "o", "where", "Where enter lands: at the caret, or as a paragraph of its own"),
    Key(
        "candidates",
        "splice.seams",
        "s",
        "s",
        "seams",
        "Repairs of the splice's seams: all, none, then all but one",
    ),
    Key("candidates", "splice.edit", "e", "e", "edit", "Edits the splice, or the candidate, before it is placed"),
    Key("candidates", "splice.smooth", "m", "m", "smooth", "Request box: have the splice's pieces joined, words kept"),
    Key(
        "candidates",
        "cand.diff",
        "d",
        "d",
        "differences",
        "To the text it would replace, or to the candidate whose digit follows; space leaves a change out",
    ),
    Key("candidates", "round.blind", "b", "b", "blind", "Tastes blind: order shuffled, temperatures hidden"),
    Key("candidates", "round.goto", "g", "g", "place of it", "Caret to the place that this round was made for"),
    Key("candidates", "round.older", "comma", ", .", "round", "Older or newer round"),
    Key("candidates", "round.newer", "full_stop", "", "", ""),
    Key("candidates", "cand.stop", "x", "x", "stop", "Stops the candidate, keeping what came; when ended, folds it"),
    Key("candidates", "round.stop", "X", "X", "stop all", "Stops all of the round"),
    Key(
        "candidates",
        "cand.again",
        "r",
        "r",
        "again",
        "Request box, filled from this one: go on from its end, again, vary a row, all of the round",
    ),
    Key("candidates", "round.ab", "a", "a", "bare", "Request box for the same with bare context, beside it"),
    Key(
        "candidates",
        "cand.info",
        "i",
        "i",
        "made from",
        "What it was made from: recipe, receipt, and the request as sent",
    ),
    Key(
        "candidates",
        "cand.surprise",
        "t",
        "t",
        "surprise",
        "Tints tokens by how unsure the model was; i then lists what else was likely",
    ),
    Key("outline", "beat.up", "up,k", "↑ ↓", "beat", "The beat before or after"),
    Key("outline", "beat.down", "down,j", "", "", ""),
    Key("outline", "beat.fold", "left,h", "← →", "fold", "Folds and unfolds the beats below"),
    Key("outline", "beat.unfold", "right,l", "", "", ""),
    Key("outline", "beat.open", "enter", "enter", "to its text", "Caret to the beat's text, or to where it will stand"),
    Key("outline", "beat.add", "a", "a", "add", "Adds beats: a line each, until an empty one"),
    Key("outline", "beat.edit", "e", "e", "edit", "Edits title, summary, kind and target"),
    Key("outline", "beat.carry", "m", "m", "move", "Picks it up: arrows move it, enter drops it, escape puts it back"),
    Key("outline", "beat.done", "d", "d", "done", "Done, or not"),
    Key("outline", "beat.drafts", "t", "t", "drafts", "The table of drafts: all beats written, several times at once"),
    Key(
        "outline",
        "beat.expand",
        "x",
        "x",
        "expand",
        "Request box for the smaller beats that this one is made of; on the purpose for a whole outline",
    ),
    Key(
        "outline",
        "beat.summary",
        "s",
        "s",
        "sum up",
        "Request box for its line, made from its text, else from the beats below it",
    ),
    Key(
        "outline",
        "beat.condense",
        "c",
        "c",
        "condense",
        "Takes the beats below into this one: their lines into its notes, their text to it",
    ),
    Key(
        "outline",
        "beat.delete",
        "delete,backspace",
        "delete",
        "take out",
        "Takes the beat out; its text stays in the manuscript",
    ),
    Key("drafts", "cell.up", "up,k", "↑ ↓ ← →", "cell", "The beat before or after, the draft before or after"),
    Key("drafts", "cell.down", "down,j", "", "", ""),
    Key("drafts", "cell.left", "left,h", "", "", ""),
    Key("drafts", "cell.right", "right,l", "", "", ""),
    Key("drafts", "cell.first", "home", "home, end", "ends", "The first beat, or the last"),
    Key("drafts", "cell.last", "end", "", "", ""),
    Key(
        "drafts", "cell.digit", "", "1–9, 0", "pick", "Picks the cell of that draft in this row, or takes the pick back"
    ),
    Key("drafts", "cell.pick", "space", "space", "pick", "Picks the cell under the cursor, or takes the pick back"),
    Key("drafts", "cell.clear", "u", "u", "lift picks", "Lifts all picks of these drafts; again puts them back"),
    Key(
        "drafts",
        "row.open",
        "enter",
        "enter",
        "open row",
        "Opens the row as candidates, side by side, to mark sentences of them",
    ),
    Key(
        "drafts",
        "drafts.place",
        "ctrl+t",
        "^t",
        "place picks",
        "Places all picks in the text, beat by beat; one undo takes all of it back",
    ),
    Key("drafts", "cell.on", "pagedown", "page keys", "read", "The cell's text further down or up"),
    Key("drafts", "cell.back", "pageup", "", "", ""),
    Key("drafts", "cell.zoom", "z", "z", "zoom", "Its text over the whole screen, or the table again"),
    Key("drafts", "draft.stop", "x", "x", "stop", "Stops this draft, keeping what came"),
    Key("drafts", "drafts.stop", "X", "X", "stop all", "Stops all of these drafts"),
    Key(
        "drafts",
        "cell.again",
        "r",
        "r",
        "go on",
        "Has a draft go on that was stopped or failed; writes a cell anew that has ended",
    ),
    Key("drafts", "drafts.older", "comma", ", .", "run", "The drafts that were asked for before, or after"),
    Key("drafts", "drafts.newer", "full_stop", "", "", ""),
    Key("drafts", "drafts.leave", "escape,q", "esc", "back", "Back to where one was; drafts go on being written"),
    Key("lenses", "lens.up", "up,k", "↑ ↓", "lens", "The lens before or after"),
    Key("lenses", "lens.down", "down,j", "", "", ""),
    Key("lenses", "lens.first", "home", "home, end", "ends", "The first lens, or the last"),
    Key("lenses", "lens.last", "end", "", "", ""),
    Key("lenses", "lens.edit", "enter,e", "enter", "edit", "Opens it, to change name and words (also e)"),
    Key("lenses", "lens.add", "a", "a", "add", "A new lens"),
    Key(
        "lenses",
        "lens.drop",
        "delete,backspace",
        "delete",
        "take out",
        "Deletes a lens of yours when pressed again; of ours, what you changed in it, then the lens itself",
    ),
    Key("lenses", "lens.on", "pagedown", "page keys", "read on", "Its words a screen further down or up"),
    Key("lenses", "lens.back", "pageup", "", "", ""),
    Key("lenses", "lenses.leave", "escape,q", "esc", "back", "Back to where one was"),
    Key("history", "step.newer", "up,k", "↑ ↓", "step", "The step after or before, in this line or a branch"),
    Key("history", "step.older", "down,j", "", "", ""),
    Key(
        "history",
        "branch.fork",
        "left,h",
        "← →",
        "branch",
        "Left: the step where this branch begins. Right: the newest step of a branch that begins here, or of the next one",
    ),
    Key("history", "branch.next", "right,l", "", "", ""),
    Key("history", "step.page_newer", "pageup", "page keys", "page", "A screen of steps up or down"),
    Key("history", "step.page_older", "pagedown", "", "", ""),
    Key("history", "step.newest", "home", "home, end", "ends", "The newest step, or the beginning of the story"),
    Key("history", "step.oldest", "end", "", "", ""),
    Key("history", "step.now", "n", "n", "now", "The step where the story stands now"),
    Key(
        "history",
        "step.go",
        "enter",
        "enter",
        "go there",
        "Makes the story what it was at this step. Nothing is lost: all other steps stay here",
    ),
    Key("history", "step.play", "p", "p", "play", "Opens the player at this step"),
    Key("history", "preview.on", "space", "space", "read on", "The text a screen further; backspace goes back"),
    Key("history", "preview.back", "backspace", "", "", ""),
    Key("history", "history.leave", "escape,q", "esc", "back", "Back to where one was; nothing changes"),
    Key("player", "play", "space", "space", "play", "Plays and pauses"),
    Key("player", "entry.back", "left,h", "← →", "entry", "One entry back or forward"),
    Key("player", "entry.forward", "right,l", "", "", ""),
    Key("player", "kind.back", "up,k", "↑ ↓", "same kind", "To the entry of the same kind before or after"),
    Key("player", "kind.forward", "down,j", "", "", ""),
    Key("player", "round.back", "pageup", "page keys", "round", "To the round before or after"),
    Key("player", "round.forward", "pagedown", "", "", ""),
    Key("player", "seek.start", "home", "home, end", "ends", "To the first or the last entry"),
    Key("player", "seek.end", "end", "", "", ""),
    Key("player", "seek.to", "slash", "/", "go to", "To an entry by its number"),
    Key("player", "speed.slower", "minus", "- +", "speed", "Slower or faster"),
    Key("player", "speed.faster", "plus", "", "", ""),
    Key("player", "leave", "escape,q,ctrl+q", "esc", "leave", "Ends the replay"),
    Key("models", "endpoint.up", "up,k", "↑ ↓", "endpoint", "The endpoint before or after"),
    Key("models", "endpoint.down", "down,j", "", "", ""),
    Key("models", "endpoint.first", "home", "home, end", "ends", "The first endpoint, or the last"),
    Key("models", "endpoint.last", "end", "", "", ""),
    Key(
        "models",
        "endpoint.choose",
        "enter",
        "enter",
        "write with it",
        "This endpoint writes from now on; one that answers on this computer is added first",
    ),
    Key(
        "models",
        "endpoint.test",
        "t",
        "t",
        "test",
        "Tests it: a few words are asked for. Where that may cost money, enter says so first",
    ),
    Key("models", "endpoint.stop", "x", "x", "stop", "Stops the test; what was found out stays"),
    Key("models", "endpoint.model", "m", "m", "model", "Picks its model from those it has, or any by its name"),
    Key("models", "endpoint.edit", "e", "e", "edit", "Edits its profile: address, key's place, samplings, …"),
    Key("models", "endpoint.add", "a", "a", "add", "Adds an endpoint: first what kind it is, then its profile"),
    Key(
        "models",
        "endpoint.key",
        "K",
        "K",
        "key",
        "Gives its key, into the system keyring or a file for you alone. It is never shown",
    ),
    Key(
        "models",
        "endpoint.drop",
        "delete,backspace",
        "delete",
        "take out",
        "Takes it out of the settings, when pressed again",
    ),
    Key("models", "endpoint.look", "r", "r", "look around", "Looks for servers on this computer again"),
    Key("models", "report.on", "pagedown,space", "page keys", "read on", "What is told below, further down or up"),
    Key("models", "report.back", "pageup", "", "", ""),
    Key("models", "models.leave", "escape,q", "esc", "back", "Back to where one was"),
    Key("prompt", "template.before", "left,h", "← →", "template", "The template before or after"),
    Key("prompt", "template.after", "right,l", "", "", ""),
    Key(
        "prompt",
        "template.keep",
        "enter",
        "enter",
        "keep it",
        "Requests are rendered with this template until you leave; the profile has it for good",
    ),
    Key("prompt", "prompt.up", "up,k", "↑ ↓", "line", "A line up or down"),
    Key("prompt", "prompt.down", "down,j", "", "", ""),
    Key("prompt", "prompt.page_up", "pageup,backspace", "page keys", "screen", "A screen up or down"),
    Key("prompt", "prompt.page_down", "pagedown,space", "", "", ""),
    Key("prompt", "prompt.first", "home", "home, end", "ends", "The beginning, or the end"),
    Key("prompt", "prompt.last", "end", "", "", ""),
    Key("prompt", "prompt.leave", "escape,q", "esc", "back", "Back to where one was; nothing changes"),
    Key("notebook", "note.up", "up,k", "↑ ↓", "row", "The note or exemplar before or after"),
    Key("notebook", "note.down", "down,j", "", "", ""),
    Key("notebook", "note.first", "home", "home, end", "ends", "The first, or the last"),
    Key("notebook", "note.last", "end", "", "", ""),
    Key(
        "notebook",
        "note.turn",
        "tab,shift+tab,left,h,right,l",
        "tab",
        "other list",
        "From notes to exemplars, or back (also ← →)",
    ),
    Key("notebook", "note.edit", "enter,e", "enter", "edit", "Opens it, to change name, kind and text (also e)"),
    Key("notebook", "note.add", "a", "a", "add", "A new note, or exemplar"),
    Key("notebook", "note.pin", "p", "p", "pin", "Pins a note, so that it is always sent; again unpins it"),
    Key("notebook", "exemplar.out", "space", "space", "out, in", "Takes an exemplar out of what is sent, or in again"),
    Key(
        "notebook", "note.drop", "delete,backspace", "delete", "take off", "Takes it off the list; undo brings it back"
    ),
    Key(
        "notebook",
        "note.import",
        "i",
        "i",
        "import",
        "Reads a text or Markdown file, and shows what it holds before any is taken",
    ),
    Key("notebook", "note.on", "pagedown", "page keys", "read on", "The text a screen further down or up"),
    Key("notebook", "note.back", "pageup", "", "", ""),
    Key("notebook", "notebook.leave", "escape,q", "esc", "back", "Back to where one was"),
    Key("context", "part.up", "up,k", "↑ ↓", "part", "The part before or after"),
    Key("context", "part.down", "down,j", "", "", ""),
    Key("context", "part.first", "home", "home, end", "ends", "The first part, or the last"),
    Key("context", "part.last", "end", "", "", ""),
    Key("context", "part.unfold", "right", "→ ←", "unfold", "Shows the things in a part, or folds them in"),
    Key("context", "part.fold", "left", "", "", ""),
    Key("context", "part.open", "enter", "enter", "unfold", "The same; and says yes where something is asked"),
    Key("context", "context.read_on", "pagedown", "page keys", "read", "The text below, further down or up"),
    Key("context", "context.read_back", "pageup", "", "", ""),
    Key("context", "part.mute", "space", "space", "in or out", "Leaves a part or thing out; puts it in again"),
    Key("context", "part.pin", "p", "p", "pin", "Pins it: it goes in first, however little room there is"),
    Key(
        "context",
        "part.condense",
        "c",
        "c",
        "condense",
        "Has earlier text told in few words: all that has no fresh summary, or this one. Enter then asks the model",
    ),
    Key(
        "context",
        "part.edit",
        "e",
        "e",
        "edit",
        "Edits its text for this request alone; of the instructions from now on; of a summary for good",
    ),
    Key(
        "context",
        "part.strategy",
        "s",
        "s",
        "newest/likest",
        "Which of it stays: the newest, or the likest to the beat",
    ),
    Key("context", "context.repeats", "r", "r", "repeats", "Of passages that say the same one is sent, or all"),
    Key("context", "context.full", "1", "1", "full", "Preset full: as much of the story as fits"),
    Key("context", "context.lean", "2", "2", "lean", "Preset lean: what is likest to the beat"),
    Key(
        "context",
        "context.bare",
        "3",
        "3",
        "bare",
        "Preset bare: only what the next paragraph needs; cures going in circles",
    ),
    Key("context", "context.plain", "0", "0", "plain", "Back to nothing but the preset; again, puts back what it was"),
    Key(
        "context",
        "context.undo",
        "ctrl+z,ctrl+underscore",
        "^z",
        "undo",
        "Takes back what was shaped here; the story stays",
    ),
    Key("context", "context.redo", "ctrl+y", "^y", "", "Brings it back"),
    Key(
        "context",
        "context.stop",
        "x",
        "x",
        "stops them",
        "Stops summaries that are on their way; nothing of them is kept",
    ),
    Key(
        "context",
        "context.both",
        "a",
        "a",
        "bare beside it",
        "This context and a bare one, side by side: ^g sends both",
    ),
    Key("context", "context.next", "tab", "tab", "the other", "The next of several contexts that are sent"),
    Key("context", "context.diff", "d", "d", "difference", "Difference to an earlier round; again, one further back"),
    Key("context", "context.older", "comma", ", .", "round", "In a difference: an older round, or a newer one"),
    Key("context", "context.newer", "full_stop", "", "", ""),
    Key("context", "context.turn", "l", "l", "as sent or now", "As it was sent, or as it would be sent now (also f2)"),
    Key(
        "context",
        "context.leave",
        "escape,q",
        "esc",
        "back",
        "Closes a question or difference, else back; changes stay",
    ),
)

BY_ID = {key.id: key for key in TABLE}


def bindings(where: Where, *others: str) -> list[BindingType]:
    """The bindings of one place, and those of other actions that are to be had there too, by their ids."""
    return [
        Binding(key.keys, key.action, key.word, id=key.id, show=False)
        for key in TABLE
        if (key.where == where or key.id in others) and key.keys
    ]


_given: dict[str, str] = {}
"""Keys that the settings give, by action id."""


def give(keys: Mapping[str, str]) -> None:
    """Say other keys on the screen, by action id: those that the settings give instead of the table's."""
    _given.clear()
    _given.update(keys)


def shown(key: Key) -> str:
    """An action's keys as people read them."""
    given = _given.get(key.id)
    return given.replace(",", " ").replace("ctrl+", "^") if given else key.shown


def shown_in(where: Where) -> Iterable[Key]:
    """What the help lists for one place: each group of keys once."""
    return (key for key in TABLE if key.where == where and shown(key))


def chord(name: str) -> str:
    """The keys of the action with that id, as people read them."""
    return shown(BY_ID[name])


def hints(*ids: str, between: str = "   ") -> str:
    """Keys and words on a line: `space mark   x stop`."""
    return between.join(f"{chord(name)} {BY_ID[name].word}" for name in ids)
