// Keeps a simulated phone as it stands on the host: when something has changed the page is read again, and what differs is put in.

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

const read = async (answer) => {
  const text = await answer.text();
  if (answer.ok) show(new DOMParser().parseFromString(text, "text/html"));
  return answer.ok;
};

// One reading at a time; what changes meanwhile is read by one more.
let reading = false, again = false;
const look = async () => {
  again = true;
  if (reading) return;
  reading = true;
  try {
    while (again) {
      again = false;
      await read(await fetch(location.href));
    }
  } catch { /* the stream comes back and with it the next look */ } finally {
    reading = false;
  }
};

composer?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const text = composer.elements.text;
  const typed = text.value;
  const body = new URLSearchParams(new FormData(composer));
  text.value = "";
  try {
    if (await read(await fetch(composer.action, { method: "POST", body }))) return toEnd();
  } catch { /* said by the page below */ }
  text.value = typed;
  composer.submit();
});

const source = new EventSource(page.dataset.live);
source.onopen = look;
source.addEventListener("changed", look);
toEnd();
