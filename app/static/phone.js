// Keeps a simulated phone as it stands on the host: when something has changed the page is read again, and what differs is put in.
import { freshKey, items } from "./chat-outbox.js";

const page = document.getElementById("phone");
const log = document.getElementById("log");
const composer = document.getElementById("composer");

const toEnd = () => { log.scrollTop = log.scrollHeight; };

// What stands below the words: the time, and how far they have come.
const marks = (line) => [...line.children].slice(2);

// Line by line, so that a screen reader says what is new and not everything.
const show = (next) => {
  const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  const lines = [...next.getElementById("log").children];
  for (const line of lines) {
    const shown = document.getElementById(line.id);
    if (!shown) log.append(line);
    else if (!shown.isEqualNode(line)) {
      shown.className = line.className;
      marks(shown).forEach((mark) => mark.remove());
      shown.append(...marks(line));
    }
  }
  const ids = new Set(lines.map((line) => line.id));
  for (const line of [...log.children]) if (line.id && !ids.has(line.id) && !lines.includes(line)) line.remove();
  document.getElementById("off").hidden = next.getElementById("off").hidden;
  if (atEnd) toEnd();
};

const pageOf = async (answer) => new DOMParser().parseFromString(await answer.text(), "text/html");
// A connection may be lost without a word: nobody waits for an answer for ever.
const inTime = (limit) => AbortSignal.timeout?.(limit);

// One reading at a time; what changes meanwhile is read by one more.
let reading = false, again = false;
const look = async () => {
  again = true;
  if (reading) return;
  reading = true;
  try {
    while (again) {
      again = false;
      const answer = await fetch(location.href, { signal: inTime(10_000) });
      if (answer.ok) show(await pageOf(answer));
    }
  } catch { /* the next look comes with the stream, or a while later */ } finally {
    reading = false;
  }
};

// What is not sent yet outlives a reload, with the key under which the host takes it once: an answer may be lost.
const status = document.getElementById("status");
const { key, text } = composer?.elements ?? {};
const drafts = items("sideline phone ", "sessionStorage");
const keep = () =>
  drafts.set(page.dataset.live, text.value && JSON.stringify({ text: text.value, key: key.value }));
const say = (words, isWrong) => {
  status.textContent = words;
  if (isWrong) text.setAttribute("aria-invalid", "true");
  else text.removeAttribute("aria-invalid");
};
const restore = () => {
  const draft = JSON.parse(drafts.get(page.dataset.live) || "null");
  // What the host refused stands there already.
  if (draft && !text.defaultValue) [text.value, key.value] = [draft.text, draft.key];
};

let sending = false;
const send = async () => {
  const typed = text.value;
  const body = new URLSearchParams(new FormData(composer));
  say("");
  try {
    const answer = await fetch(composer.action, { method: "POST", body, signal: inTime(30_000) });
    const next = await pageOf(answer);
    if (!answer.ok) {
      const why = next.querySelector("#status, #problem")?.textContent;
      return say(why || composer.dataset.unanswered, !!why);
    }
    show(next);
    // Somebody may have typed on meanwhile.
    if (text.value.startsWith(typed)) text.value = text.value.slice(typed.length).trimStart();
    key.value = freshKey();
    keep();
    toEnd();
  } catch {
    say(composer.dataset.unanswered);
  }
};
if (composer) {
  restore();
  composer.addEventListener("input", keep);
  composer.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (sending) return;
    sending = true;
    await send();
    sending = false;
  });
}

const source = new EventSource(page.dataset.live);
source.onopen = look;
source.addEventListener("changed", look);
setInterval(look, 30_000); // the stream may be dead and not know it
toEnd();
