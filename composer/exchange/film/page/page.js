// The film drawn, its clock and its keys. It only ever makes text nodes of what it reads, sends nothing, and stores nothing.
(() => {
  const { data, times, byNumber, candidates, notesAt, unit, size, cut, stateAt, holds, textOf } = film;
  const { first, last, frames, panels, notes, pieces } = data;
  if (!frames.length) return;
  const id = (name) => document.getElementById(name);
  const [SORT, SAY, WORDS, PANEL, PUT] = [1, 2, 3, 4, 5];
  const TURNS = new Set(["round", "placed", "undo", "note"]);
  const SPEEDS = [0.5, 1, 2, 4, 8, 16, 64];
  const NOTE_STAYS = 6000;

  // Drawing.

  function make(name, classes, ...inside) {
    const made = document.createElement(name);
    if (classes) made.className = classes;
    made.append(...inside);
    return made;
  }
  const HANDS = { w: "by hand", g: "by a model", e: "edited", r: "mended", i: "from outside" };
  const label = (candidate) => (candidate.temperature === null ? "" : ` · T ${candidate.temperature}`) + (candidate.model ? ` · ${candidate.model}` : "") + (candidate.lens ? ` · ${candidate.lens}` : "");

  function spansOf(runs, fresh) {
    const parts = [];
    const draw = (some, more) => {
      for (const [text, hand, name] of some) {
        const span = make("span", hand + more, text);
        if (hand !== "w") span.title = HANDS[hand] + (candidates.has(name) ? `: ${name}${label(candidates.get(name))}` : "");
        parts.push(span);
      }
    };
    if (!fresh) draw(runs, "");
    else {
      draw(cut(runs, 0, fresh.start), "");
      draw(cut(runs, fresh.start, fresh.end), fresh.back ? " new back" : " new");
      const caret = make("span", "caret");
      caret.setAttribute("aria-hidden", "true");
      parts.push(caret);
      draw(cut(runs, fresh.end, Infinity), "");
    }
    return parts;
  }
  const BREAKS = new Set(["***", "* * *", "#"]);
  function paragraph([, runs], fresh) {
    const text = runs.map((run) => run[0]).join("");
    return make("p", BREAKS.has(text.trim()) ? "break" : "", ...spansOf(runs, fresh));
  }
  /** The headings that the text of each beat stands under: [depth, words]. */
  function headingsOf(rows) {
    const found = new Map(), above = [];
    rows.forEach((row, at) => {
      const [beat, depth, title, summary] = row;
      above.length = depth;
      const over = above.slice();
      above.push([depth + 1, title || summary]);
      const below = rows[at + 1] && rows[at + 1][1] > depth;
      found.set(beat, below || (data.sections && title) ? above.slice() : over);
    });
    return found;
  }
  /** What an entry itself put, by the paragraph: there it is shown as new. */
  function freshOf(index, text) {
    const found = new Map();
    if (!index) return found;
    const back = frames[index][SORT] === "undo";
    for (const put of frames[index][PUT]) {
      if (put[0] === "r") found.set(text[put[1]], { start: put[2], end: put[2] + put[4].reduce((sum, run) => sum + size(run[0]), 0), back });
      else if (put[0] === "p") for (let at = put[1]; at < put[1] + put[3].length; at += 1) found.set(text[at], { start: 0, end: text[at][1].reduce((sum, run) => sum + size(run[0]), 0), back });
    }
    return found;
  }
  const book = id("manuscript");
  const none = make("div", "empty", "There is no text yet.");
  none.id = "none";
  book.append(none);
  let drawn = [];
  function drawText(index, { text, rows }) {
    const headings = headingsOf(rows), seen = new Set(), fresh = freshOf(index, text);
    const items = [];
    for (const each of text) {
      for (const heading of headings.get(each[0]) || []) {
        const key = heading.join(" ");
        if (!seen.has(key)) items.push({ key, heading });
        seen.add(key);
      }
      items.push({ key: each, fresh: fresh.get(each) });
    }
    const same = (left, right) => left.key === right.key && !left.fresh && !right.fresh;
    let start = 0, end = 0;
    while (start < items.length && start < drawn.length && same(items[start], drawn[start])) start += 1;
    while (end < items.length - start && end < drawn.length - start && same(items[items.length - 1 - end], drawn[drawn.length - 1 - end])) end += 1;
    for (const old of drawn.slice(start, drawn.length - end)) old.node.remove();
    const before = end ? drawn[drawn.length - end].node : none;
    const middle = items.slice(start, items.length - end);
    for (const item of middle) {
      item.node = item.heading ? make("h3", `h${item.heading[0]}`, item.heading[1]) : paragraph(item.key, item.fresh);
      book.insertBefore(item.node, before);
    }
    id("none").hidden = text.some(([, runs]) => runs.length);
    drawn = [...drawn.slice(0, start), ...middle, ...drawn.slice(drawn.length - end)];
    const target = book.querySelector(".caret") || (middle.length && frames[index][PUT].length ? middle[middle.length - 1].node : null);
    if (target) {
      const top = target.getBoundingClientRect().top - book.getBoundingClientRect().top;
      if (top < 30 || top > book.clientHeight - 60) book.scrollTop += top - book.clientHeight * 0.6;
    }
  }
  let rowsDrawn = null;
  function drawOutline(rows) {
    if (rows === rowsDrawn) return;
    const before = new Set((rowsDrawn || rows).map((row) => row.join("\n")));
    rowsDrawn = rows;
    id("outline").replaceChildren(...rows.map((row) => {
      const [, depth, title, summary, done] = row;
      const line = make("li", `d${Math.min(depth, 3)}${done ? " done" : ""}${before.has(row.join("\n")) ? "" : " fresh"}`);
      if (title) line.append(make("b", "", title), summary ? `: ${summary}` : "");
      else line.append(summary);
      return line;
    }));
    id("outline-box").hidden = !data.outlined;
    id("stage").classList.toggle("bare", !data.outlined);
  }

  /** A candidate's text with what is marked in it. */
  function marked(text, marks, entry) {
    const points = new Map([[0, 0], [text.length, 0]]);
    const ranges = marks.map(([start, end, on, used]) => ({ start: unit(text, start), end: Math.min(unit(text, end), text.length), used: holds(used, entry), on: holds(on, entry) })).filter((each) => (each.on || each.used) && each.start < each.end);
    for (const each of ranges) points.set(each.start, 0).set(each.end, 0);
    const edges = [...points.keys()].sort((left, right) => left - right);
    return edges.slice(0, -1).map((edge, at) => {
      // A text that goes on in the middle of a line begins with a blank.
      const piece = edge ? text.slice(edge, edges[at + 1]) : text.slice(0, edges[1]).replace(/^\s+/, "");
      const over = ranges.filter((each) => each.start <= edge && each.end > edge);
      return over.length ? make("mark", over.some((each) => each.used) ? "used" : "", piece) : piece;
    });
  }
  /** Bring a card into its pane, of which it may stand outside. */
  function show(card) {
    const pane = id("candidates");
    const top = card.getBoundingClientRect().top - pane.getBoundingClientRect().top;
    if (top < 0 || top + Math.min(card.offsetHeight, 160) > pane.clientHeight) pane.scrollTop += top - 12;
  }
  const ENDED = { finished: "came to its end", cut: "cut at its length", cancelled: "stopped", failed: "failed" };
  function drawCard(card, candidate, entry, ms) {
    const text = textOf(candidate, entry, ms);
    const placed = holds(candidate.placed, entry);
    const ended = candidate.ended && candidate.ended <= entry;
    const thinks = candidate.thinks && candidate.thinks <= entry && !text;
    const state = ended ? ENDED[candidate.ending] || "" : text ? "writing" : thinks ? "thinking" : "waiting";
    const marks = candidate.marks.filter((each) => holds(each[2], entry) || holds(each[3], entry));
    const key = [text.length, state, placed, marks.map((each) => `${each[0]}-${each[1]}-${holds(each[3], entry)}`)].join();
    if (card.key === key) return;
    card.key = key;
    card.node.classList.toggle("placed", placed);
    const told = placed ? make("span", "got", "✓ placed") : marks.length ? make("span", "got", "✓ marked") : "";
    const temperature = candidate.temperature === null ? "" : make("b", "", `T ${candidate.temperature}`);
    card.node.firstChild.replaceChildren(make("span", "", candidate.name), temperature, candidate.model ? make("span", "", candidate.model) : "", candidate.lens ? make("span", "", candidate.lens) : "", told, make("span", "state", state));
    card.node.lastChild.replaceChildren(...marked(text, candidate.marks, entry));
  }
  function promptOf(prompt, asked) {
    const box = make("details", "sent", make("summary", "", `What was sent${prompt.numbers.length && asked > 1 ? ` to ${prompt.numbers.join(", ")}` : ""} (${prompt.tokens.toLocaleString("en")} tokens)`));
    for (const [role, told] of prompt.messages) {
      box.append(make("h5", "", role));
      for (const [piece, part, tokens] of told) {
        if (piece >= 0) box.append(make("pre", "", pieces[piece].replace(/\n+$/, "")));
        else box.append(make("p", "out", `left out${part ? `: ${part}` : ""}${tokens ? `, ${tokens.toLocaleString("en")} tokens` : ""}`));
      }
    }
    return box;
  }
  let panel = { key: "", cards: [] }, shownEntry = 0;
  function drawCandidates(index, entry, ms) {
    const number = frames[index][PANEL];
    const asked = (number ? panels[number - 1] : []).map((each) => byNumber.get(each)).filter((each) => each.entry <= entry);
    const lanes = new Map(asked.map((each) => [each.lane || each.number, each]));
    const shown = asked.length && asked[0].lane ? [...lanes.values()] : asked;
    const key = shown.map((each) => each.number).join();
    if (key !== panel.key || (!key && !panel.cards.length)) {
      panel = { key, cards: [] };
      const inside = [];
      for (const round of shown) {
        const aim = make("p", "aim", round.lane ? `Draft ${round.lane}, round ${round.number}` : `Round ${round.number}, ${data.aims[round.kind]}`);
        if (round.beat) aim.append(": ", make("q", "", round.beat));
        inside.push(aim);
        if (round.instruction) inside.push(make("p", "aim", "The writer asked: ", make("q", "", round.instruction)));
        for (const candidate of round.candidates) {
          const card = { candidate, key: "", node: make("article", "card", make("h4", ""), make("p", "words")) };
          card.node.lang = data.language;
          panel.cards.push(card);
          inside.push(card.node);
        }
        if (round.missing) inside.push(make("p", "aim", `${round.missing === 1 ? "1 candidate is" : `${round.missing} candidates are`} left out.`));
        inside.push(...round.prompts.map((prompt) => promptOf(prompt, round.asked)));
      }
      if (!shown.length) inside.push(make("p", "aim", "Nothing was asked for yet."));
      id("candidates").replaceChildren(...inside);
      id("candidates").scrollTop = 0;
      id("asked").textContent = shown.length ? `Candidates · round${shown.length > 1 ? "s" : ""} ${key.replaceAll(",", ", ")}` : "Candidates";
    }
    for (const card of panel.cards) drawCard(card, card.candidate, entry, ms);
    const begins = ([on]) => on === entry;
    const picked = panel.cards.find(({ candidate }) => candidate.placed.some(begins) || candidate.marks.some((mark) => mark[2].some(begins)));
    if (picked && shownEntry !== entry) show(picked.node);
    shownEntry = entry;
  }
  function drawNote(entry, ms) {
    const at = notes.filter((note) => note.entry <= entry).pop();
    const told = at && (at.entry === entry || ms - times[at.entry - first] < NOTE_STAYS) ? notesAt.get(at.entry) : null;
    const key = told ? String(at.entry) : "";
    const box = id("note");
    if (box.dataset.key === key) return;
    box.dataset.key = key;
    box.hidden = !told;
    box.replaceChildren(...(told || []).map((note) => make("p", "", make("small", "", `The writer's note${note.subject ? ` on ${note.subject}` : ""}`), note.text)));
  }

  // The clock.

  let entry = last, now = times[times.length - 1], playing = false, before = 0, heldUntil = 0, shownIndex = -1, written = 0;
  const clock = (ms) => `${Math.floor(ms / 60000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, "0")}`;
  function draw() {
    const index = entry - first, frame = frames[index];
    if (index !== shownIndex) {
      const state = stateAt(index);
      drawText(index, state);
      drawOutline(state.rows);
      shownIndex = index;
      id("words").textContent = `${frame[WORDS].toLocaleString("en")} ${frame[WORDS] === 1 ? "word" : "words"}`;
      const chip = id("chip");
      chip.hidden = frame[SORT] !== "undo" && frame[SORT] !== "placed";
      chip.className = frame[SORT] === "undo" ? "chip undo" : "chip";
      chip.textContent = frame[SORT] === "undo" ? `${frame[SAY] === "Undone." ? "↶" : "↷"} ${frame[SAY]}` : "✓ placed";
      let said = index;
      while (said > 0 && !frames[said][SAY]) said -= 1;
      if (id("said").textContent !== frames[said][SAY]) id("said").textContent = frames[said][SAY];
      id("seek").value = entry;
      id("seek").setAttribute("aria-valuetext", `entry ${entry} of ${last}. ${frame[SAY]}`);
      id("here").setAttribute("href", `#entry=${entry}`);
    }
    drawCandidates(index, entry, now);
    drawNote(entry, now);
    const told = `entry ${entry.toLocaleString("en")} of ${last.toLocaleString("en")} · ${clock(now)} / ${clock(times[times.length - 1])}`;
    if (id("time").textContent !== told) id("time").textContent = told;
    document.body.dataset.entry = entry;
  }
  function go(to, keepHash) {
    entry = Math.max(first, Math.min(last, to));
    now = times[entry - first];
    heldUntil = 0;
    draw();
    if (!keepHash && !playing) remember();
  }
  function remember() {
    clearTimeout(written);
    written = setTimeout(() => history.replaceState(null, "", `#entry=${entry}`), 150);
  }
  function step(stamp) {
    if (!playing) return;
    const passed = before ? Math.min(stamp - before, 250) : 0;
    before = stamp;
    if (stamp >= heldUntil) {
      now = Math.min(now + passed * Number(id("speed").value), times[times.length - 1]);
      while (entry < last && times[entry + 1 - first] <= now) {
        entry += 1;
        const told = notesAt.get(entry);
        if (told) {
          // There is time to read a note, at any speed.
          now = times[entry - first];
          heldUntil = stamp + Math.min(9000, 1500 + 45 * told.reduce((sum, note) => sum + note.text.length, 0));
          break;
        }
      }
      draw();
      if (entry >= last && now >= times[times.length - 1]) return void play(false);
    }
    requestAnimationFrame(step);
  }
  function play(wanted) {
    if (wanted && !playing && entry >= last) go(first, true);
    playing = wanted;
    before = 0;
    id("play").textContent = playing ? "Pause" : "Play";
    id("said").setAttribute("aria-live", playing ? "off" : "polite");
    if (playing) requestAnimationFrame(step);
    else remember();
  }
  function turn(by) {
    let at = entry + by;
    while (at > first && at < last && !TURNS.has(frames[at - first][SORT]) && !notesAt.has(at)) at += by;
    pauseAt(at);
  }
  function pauseAt(to) {
    if (playing) play(false);
    go(to);
  }
  function faster(by) {
    const box = id("speed");
    box.selectedIndex = Math.max(0, Math.min(SPEEDS.length - 1, box.selectedIndex + by));
  }

  // The timeline.

  function drawTicks() {
    const BINS = 160, RANK = { note: 4, placed: 3, round: 2, undo: 1, edited: 0 };
    const bins = new Map();
    frames.forEach((frame, index) => {
      const sort = notesAt.has(first + index) ? "note" : frame[SORT];
      if (!(sort in RANK)) return;
      const bin = Math.floor((index * BINS) / frames.length);
      const there = bins.get(bin);
      if (!there || RANK[sort] > RANK[there.sort]) bins.set(bin, { index, sort });
    });
    const lane = id("ticks");
    for (const { index, sort } of bins.values()) {
      const tick = make("button", sort);
      tick.type = "button";
      tick.tabIndex = -1;
      const say = sort === "note" ? `A note: ${notesAt.get(first + index)[0].text.slice(0, 80)}` : frames[index][SAY];
      tick.title = `${first + index}: ${say}`;
      tick.setAttribute("aria-label", `Entry ${first + index}: ${say}`);
      tick.style.left = `${(index * 100) / Math.max(1, frames.length - 1)}%`;
      tick.addEventListener("click", () => pauseAt(first + index));
      lane.append(tick);
    }
    if (lane.firstChild) lane.firstChild.tabIndex = 0;
    lane.addEventListener("keydown", (event) => {
      const to = { ArrowRight: "nextSibling", ArrowLeft: "previousSibling" }[event.key];
      if (!to || event.shiftKey || !event.target[to]) return;
      event.preventDefault();
      event.stopPropagation();
      event.target.tabIndex = -1;
      event.target[to].tabIndex = 0;
      event.target[to].focus();
    });
  }
  function follow() {
    const found = /^#entry=(\d{1,15})$/.exec(location.hash);
    if (!found) return false;
    if (playing) play(false);
    go(Number(found[1]), true);
    return true;
  }

  for (const speed of SPEEDS) id("speed").append(new Option(`${speed} ×`, speed, speed === 1, speed === 1));
  if (times[times.length - 1] > 300000) id("speed").value = "4";
  id("seek").min = first;
  id("seek").max = last;
  id("film").hidden = false;
  if (matchMedia("(max-width: 78rem)").matches) id("outline-box").open = false;
  drawTicks();
  if (!follow()) go(last, true);
  id("play").addEventListener("click", () => play(!playing));
  id("back").addEventListener("click", () => pauseAt(entry - 1));
  id("on").addEventListener("click", () => pauseAt(entry + 1));
  id("turn-back").addEventListener("click", () => turn(-1));
  id("turn-on").addEventListener("click", () => turn(1));
  id("seek").addEventListener("input", (event) => pauseAt(Number(event.target.value)));
  id("tint").addEventListener("change", (event) => document.querySelectorAll(".film, #text").forEach((each) => each.classList.toggle("tinted", event.target.checked)));
  addEventListener("hashchange", () => {
    if (follow()) id("film").scrollIntoView({ block: "start" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const held = event.target.closest("button, summary, a, select, input");
    if (event.key === " " && !held) play(!playing);
    else if ((event.key === "ArrowLeft" || event.key === "ArrowRight") && !(held && held.matches("select, input"))) {
      const by = event.key === "ArrowLeft" ? -1 : 1;
      if (event.shiftKey) turn(by);
      else pauseAt(entry + by);
    } else if ((event.key === "+" || event.key === "=") && !event.target.matches("select")) faster(1);
    else if (event.key === "-" && !event.target.matches("select")) faster(-1);
    else return;
    event.preventDefault();
  });
})();
