"use strict";
// What stands there at a moment: text, outline, candidates, from the values in the page. It draws nothing.
const film = (() => {
  const data = JSON.parse(document.getElementById("showing").textContent);
  const { first, last, frames, rounds, notes } = data;
  const WAIT = 0, PUT = 5;
  const times = [];
  frames.reduce((sum, frame, at) => (times[at] = sum + frame[WAIT]), 0);
  const byNumber = new Map(rounds.map((round) => [round.number, round]));
  const candidates = new Map(rounds.flatMap((round) => round.candidates.map((each) => [each.name, each])));
  const notesAt = new Map();
  for (const note of notes) notesAt.set(note.entry, [...(notesAt.get(note.entry) || []), note]);

  const EVERY = 64;
  const kept = [{ text: [], rows: [] }];
  const wide = /[\ud800-\udfff]/;
  /** Where the character with that number begins, in units of a string. */
  const unit = (text, at) => (wide.test(text) ? Array.from(text).slice(0, at).join("").length : at);
  const size = (text) => (wide.test(text) ? Array.from(text).length : text.length);

  function cut(runs, start, end) {
    const found = [];
    let at = 0;
    for (const [text, hand, name] of runs) {
      const long = size(text);
      const left = Math.max(start - at, 0), right = Math.min(end - at, long);
      if (left < right) found.push([text.slice(unit(text, left), unit(text, right)), hand, name]);
      at += long;
    }
    return found;
  }
  function tidy(runs) {
    const found = [];
    for (const run of runs) {
      const before = found[found.length - 1];
      if (before && before[1] === run[1] && before[2] === run[2]) found[found.length - 1] = [before[0] + run[0], run[1], run[2]];
      else found.push(run);
    }
    return found;
  }
  function applied(state, frame) {
    let { text, rows } = state;
    for (const put of frame[PUT]) {
      if (put[0] === "p") text = [...text.slice(0, put[1]), ...put[3], ...text.slice(put[1] + put[2])];
      else if (put[0] === "o") rows = [...rows.slice(0, put[1]), ...put[3], ...rows.slice(put[1] + put[2])];
      else {
        const [, at, start, gone, runs] = put;
        const [beat, old] = text[at];
        text = text.slice();
        text[at] = [beat, tidy([...cut(old, 0, start), ...runs, ...cut(old, start + gone, Infinity)])];
      }
    }
    return { text, rows };
  }
  /** The text and the outline after the frame with that index; what was made on the way is kept. */
  let newest = { at: -1, state: kept[0] };
  function stateAt(index) {
    let at = Math.min(Math.floor((index + 1) / EVERY), kept.length - 1) * EVERY - 1;
    let state = kept[(at + 1) / EVERY];
    if (newest.at <= index && newest.at > at) ({ at, state } = newest);
    while (at < index) {
      at += 1;
      state = applied(state, frames[at]);
      if ((at + 1) % EVERY === 0 && kept.length === (at + 1) / EVERY) kept.push(state);
    }
    newest = { at, state };
    return state;
  }
  const holds = (times_, entry) => times_.some(([on, off]) => on <= entry && (!off || entry < off));

  /** The text of a candidate at an entry and a moment: whole chunks, and what of the next has come. */
  function textOf(candidate, entry, ms) {
    const whole = (candidate.whole ||= candidate.chunks.reduce((row, chunk) => [...row, row[row.length - 1] + chunk[1]], [""]));
    let count = candidate.chunks.findIndex((chunk) => chunk[0] > entry);
    if (count < 0) count = candidate.chunks.length;
    const next = candidate.chunks[count];
    if (!next || next[2] > entry || !next[3].length || ms <= times[entry - first]) return whole[count];
    let moment = times[next[0] - first] - next[3].reduce((sum, [wait]) => sum + wait, 0);
    let came = 0;
    for (const [wait, characters] of next[3]) {
      moment += wait;
      if (moment > ms) break;
      came += characters;
    }
    return whole[count] + next[1].slice(0, unit(next[1], came));
  }
  return { data, times, byNumber, candidates, notesAt, unit, size, cut, stateAt, holds, textOf };
})();
