// The customer's chat page: sends, shows what arrives, keeps what was typed. Reading and sending work without it.
import { attached, fetched, unpictured } from "./chat-files.js";
import * as frames from "./chat-frame.js";
import { freshKey, items, outbox as outboxOf } from "./chat-outbox.js";
import { stream as streamOf } from "./chat-stream.js";
import { add, clock, isVisible, isolated, newDay, opening, write, written } from "./chat-text.js";

const $ = (id) => document.getElementById(id);
const [chat, log, status, who, cookies, composer, restart, offline, name, text, rating, comment] =
  ["chat", "log", "status", "who", "cookies", "composer", "restart", "offline", "name", "text", "rating", "comment"].map($);
const path = chat.dataset.path;
const words = JSON.parse(chat.dataset.words);

// In a frame of another site: the page around it, once it has said who the visitor is. There is nothing to see before.
const { origins } = chat.dataset;
if (origins && parent === window) location.replace(path);
const framed = origins && (await frames.around(JSON.parse(origins)));
const proof = framed?.identity ? frames.proof(framed.identity) : "";

// What the tabs of one visitor share. In frames visitors are kept apart by the page around, not by cookies. Browsers share what a
// frame keeps among all origins of that page's site; the tokens are of one origin each.
const scope = framed ? `widget ${path} ${framed.origin} ${proof.slice(0, 16)}` : path;
const at = `sideline ${scope} `;
const kept = items(at, "localStorage"), ownTab = items(at, "sessionStorage");
let others;
try { others = new BroadcastChannel(framed ? at : "sideline chat"); } catch {}

// The conversation, by the time at which it began, and the number of its last line that is shown.
let [conversation, last] = chat.dataset.after ? chat.dataset.after.split("-") : ["", 0];
last = Number(last);
// The history to which these numbers belong: a restored database has another one.
let epoch = chat.dataset.epoch;
let ended = !!conversation && $("end").hidden;
// The agent can reopen it for a while: it is followed for as long after its end, or after somebody looked at it last.
const LINGER = 9e5;
let endedAt = Date.now();
// Its end asks how it was, and somebody has said so.
let asked = rating?.hidden === false, rated = "rated" in chat.dataset;
let linked = true, lost = false, refused = "", sending = { state: "", words: "" };

// Who this is until the browser has a cookie, which comes with the first message; for good where it keeps none.
const fresh = (composer ?? offline)?.elements.visitor?.value ?? "";
let token = framed?.token || fresh, cookieless = false;
const headers = () => (proof ? { "x-sideline-identity": proof } : token ? { "x-sideline-visitor": token } : {});
// In a frame no cookie is sent and none is taken.
const ask = (address, { headers: more, ...options } = {}) => fetch(address,
  { credentials: framed ? "omit" : "same-origin", signal: AbortSignal.timeout?.(3e4), ...options, headers: { ...headers(), ...more } });

let barred = false, wiped = false; // the page around could not prove who the customer is; they are being forgotten
// What stands there while no conversation begins and none is under way.
let { closed, opens } = chat.dataset;
const hours = () => closed.replace("{time}", () => opening(new Date(opens)));
const resting = () => (closed && (!conversation || ended) ? hours() : "");
// Nobody answers shortly while it is closed.
const thanks = () => (closed ? [words.received, ...(opens ? [hours()] : [])].join(" ") : words.waiting);
const say = () => {
  const isNew = log.querySelector("[data-seq]") && !ended && !log.querySelector(".bubble--theirs");
  const [line, bad] = refused ? [refused, true]
    : sending.state === "failed" && sending.words ? [`${sending.words} ${words.kept}`, true]
    : !navigator.onLine ? [words.offline]
    : !linked ? [words.connecting]
    : lost ? [words.forgotten]
    : [isNew ? thanks() : rated && ended ? words.rated : resting()];
  status.classList.toggle("status--error", !!bad);
  if (status.textContent !== line) status.textContent = line;
};

// What is new is seen from above and from another tab.
const newest = $("newest"), { title } = document;
let low = true; // the end of the conversation is in sight
let below = 0, unseen = 0;
const count = () => {
  newest.hidden = !below;
  newest.textContent = words.news.replace("{number}", below);
  document.title = unseen ? `(${unseen}) ${title}` : title;
  framed?.tell("unread", { count: unseen });
  // So that what was seen is not new on the next page.
  if (framed && conversation && !wiped && !lost && !away()) framed.tell("keep", { seen: `${conversation}-${last}` });
};
const away = () => document.hidden || (framed && !framed.open);
const noticed = () => {
  if (!low) below += 1;
  if (away()) unseen += 1;
  count();
};
const follow = () => low && (log.scrollTop = log.scrollHeight);
// On a low screen the page scrolls as well.
const atEnd = () => { low = true; below = 0; count(); follow(); document.scrollingElement.scrollTop = 1e6; };
log.addEventListener("scroll", () => {
  low = log.scrollHeight - log.scrollTop - log.clientHeight < 48;
  if (low) below = 0;
  count();
});
newest.addEventListener("click", () => { atEnd(); log.focus(); });

// Another day: what was today is yesterday.
const turn = () => newDay() && log.querySelectorAll("time").forEach(clock);
setInterval(turn, 1e4);

// Lines

const sizeOf = (bytes) => words.fileSize.replace("{size}", Math.ceil(bytes / 1024)); // in KB, rounded up
const attach = (node, files) => {
  for (const file of files ?? []) node.append(attached(`${path}/files`, file, sizeOf(file.size), (framed || cookieless) && ask));
};
const bubble = (side, author, label, content) => {
  const node = add(null, author ? "article" : "p", `bubble bubble--${side}`);
  if (!author) return (node.textContent = content), node;
  Object.assign(node.dataset, { author, entry: "message" });
  add(node, "span", author === "agent" ? "bubble__meta" : "visually-hidden", label).dir = "auto";
  if (!content) return node;
  const said = add(node, "p");
  said.dir = "auto";
  write(said, content);
  return node;
};
// The log is read aloud as it grows, but not this part of a line.
const silence = (part) => part.setAttribute("aria-live", "off");
// What stands in its place already is not put there once more: the whole of it would be read again.
const put = (node, next) => (node.isConnected && node.nextSibling === next) || log.insertBefore(node, next);
const mine = (key) => log.querySelector(`[data-key="${CSS.escape(key)}"]`);
const waiting = () => [...log.querySelectorAll("[data-state]")];

// What this page knows to happen. A line of any other kind counts as shown and changes nothing.
const KINDS = ["mine", "theirs", "ended", "resumed"];
const line = ({ seq, at, body }) => {
  const said = body.kind === "mine" || body.kind === "theirs";
  const node = !said ? bubble("note", "", "", body.kind === "ended" ? words.ended : words.resumed)
    : body.kind === "theirs" ? bubble("theirs", "agent", body.name, body.text)
    : mine(body.key) ?? bubble("mine", "customer", `${words.you} `, body.text);
  node.dataset.seq = seq;
  node.hidden = !KINDS.includes(body.kind);
  if (!said) return node;
  if (body.kind === "mine") {
    mark(node);
    node.dataset.key = body.key;
    const text = node.querySelector("p");
    if (body.text && text.textContent !== body.text) write(text, body.text); // as the host tidied it
    node.querySelector(".file")?.remove();
  }
  attach(node, body.files);
  const time = add(node, "time");
  if (body.kind === "mine") silence(time); // it comes after what was read
  time.dateTime = new Date(at / 1000).toISOString();
  clock(time);
  return node;
};
// What is said of a conversation in the form that asks how it was is sent under one key until it is said otherwise. It belongs
// to that conversation: another one begins with an empty form.
let ratingOf = conversation, ratingKey;
const askAfresh = () => {
  if (!rating || !conversation || ratingOf === conversation) return;
  [ratingOf, ratingKey] = [conversation];
  for (const score of rating.elements.rating) score.checked = false;
  comment.value = drafted(comment);
};
const clear = () => {
  for (const node of [...log.children]) if (!node.dataset.state) node.remove();
  [conversation, last, lost, rated] = ["", 0, false, false];
  close(false);
};
const close = (over, asks) => {
  askAfresh();
  asked = over && !!asks;
  if (over && !ended) endedAt = Date.now();
  ended = over;
  arrange();
};
// Shows what there is to do now.
const arrange = () => {
  const ending = waiting().some((node) => node.dataset.end);
  const idle = !conversation || ended;
  if (composer) composer.hidden = barred || ended || ending || (!!closed && idle && !waiting().length);
  if (restart) restart.hidden = !ended || !!closed;
  if (rating) rating.hidden = barred || lost || !asked || rated;
  if (offline) offline.hidden = barred || !idle || !closed;
  $("transcript").hidden = !conversation || lost;
  $("end").hidden = !conversation || ended || ending;
  $("forget").hidden = who.hidden && !waiting().length;
  // What had the focus may have gone: a keyboard goes on from the conversation, not from the top of the page.
  if (document.activeElement?.closest("[hidden]")) log.focus();
};
// Who writes at the moment, for as long as nothing says otherwise.
const typing = $("typing");
let typed, typedAt = 0;
const writes = (who) => {
  clearTimeout(typed);
  typing.hidden = !who;
  if (!who) return;
  typing.textContent = words.typing.replace("{name}", () => isolated(who));
  typed = setTimeout(writes, 6e3);
  follow();
};
// Announced every few seconds, in a conversation that goes on.
const tellTyping = () => {
  if (!conversation || ended || !text.value || Date.now() - typedAt < 3e3) return;
  typedAt = Date.now();
  ask(`${path}/typing`, { method: "POST" }).catch(() => {});
};
// A line of the conversation that began then. False: lines before it are missing.
const take = (began, frame) => {
  if (began !== conversation) {
    if (Number(began) < Number(conversation)) return true;
    if (frame.seq !== 1) return false;
    clear();
    conversation = began;
  }
  if (frame.seq <= last) return true;
  if (frame.seq > last + 1) return false;
  last = frame.seq;
  log.querySelector(".bubble--note:not([data-seq]):not([data-state])")?.remove();
  const node = line(frame);
  put(node, waiting()[0] ?? null); // what is not stored yet stands below
  const { kind, asks } = frame.body;
  if (KINDS.includes(kind)) {
    if (kind !== "mine") noticed(), writes();
    close(kind === "ended", asks);
  }
  follow();
  say();
  return true;
};
// What is shown of another history may be lost, and its numbers mean other lines.
const belong = (to) => {
  if (!to || to === epoch) return;
  if (last) clear();
  epoch = to;
};
const lines = (frames, to) => {
  belong(to);
  if (frames[0]?.seq === 1 && last) clear(); // another conversation than the one shown
  for (const frame of frames) take(frame.seq === 1 ? String(frame.at) : conversation, frame);
};

// What is on its way

// Marks a message of the customer: sending, waiting, failed, old, stored, or (no state) shown by the host.
const mark = (node, state, item) => {
  if (node.dataset.state === state) return;
  node.classList.toggle("bubble--failed", state === "failed" || state === "old");
  node.querySelector("div")?.remove();
  if (!state) return delete node.dataset.state;
  node.dataset.state = state;
  if (state === "stored") return;
  const says = {
    sending: words.sending,
    waiting: words.queued,
    failed: `${words.notSent} `,
    old: `${words.notSentSince.replace("{time}", () => written(new Date(item.at)))} `,
  };
  const label = add(node, "div", "bubble__meta", says[state]);
  if (state === "sending" || state === "waiting") silence(label);
  const offer = (name, act) => {
    const button = add(label, "button", "", name);
    button.type = "button";
    button.onclick = () => { act(); text?.focus(); };
  };
  if (state === "failed" || state === "old") offer(words.retry, outbox.again);
  // A file that a slow network does not carry keeps what is behind it waiting.
  if (state === "old" || (state === "failed" && item.file)) offer(words.discard, () => { outbox.remove(item); node.remove(); sync(); outbox.send(true); });
};
const draw = (item) => {
  const node = item.end ? bubble("note", "", "", `${words.youEnded} `)
    : bubble("mine", "customer", `${words.you} `, item.text);
  if (item.file) add(node, "p", "file", `${item.file.name} (${sizeOf(item.file.size)})`).dir = "auto";
  node.dataset.key = item.key;
  if (item.end) node.dataset.end = "1";
  return node;
};
// The host has it: the stream is about to show it. What it does not show stands in an earlier conversation.
const settle = (node) => {
  if (node.dataset.end) return node.remove();
  if (node.dataset.state === "stored") return;
  mark(node, "stored");
  const gone = () => node.dataset.state && node.remove();
  cookieless ? stream.catchUp() : setTimeout(() => node.dataset.state && stream.catchUp().then(gone), 2e3);
};
// Shows the outbox as it is, whichever tab it was filled in.
const sync = () => {
  // What the host has shown meanwhile waits no more.
  for (const item of outbox.list()) if (mine(item.key)?.dataset.seq) outbox.remove(item);
  const list = outbox.list();
  const keys = new Set(list.map((item) => item.key));
  for (const node of waiting()) if (!keys.has(node.dataset.key)) settle(node);
  const stuck = list.length && outbox.isOld(list[0]) ? "old" : sending.state === "failed" && "failed";
  let next = null;
  for (const item of [...list].reverse()) {
    const node = mine(item.key) ?? draw(item);
    put(node, next);
    mark(node, !stuck ? "sending" : item === list[0] ? stuck : "waiting", item);
    next = node;
  }
  arrange();
  say();
};
// A name that the host has is no draft: an erased customer's must not stay here. Without cookies the page that comes next knows
// nobody, and its first text needs the name.
const unname = () => (cookieless && !lost ? [kept] : [ownTab, kept]).forEach((where) => where.set("name", ""));
const introduce = (as) => {
  if (!who.hidden || !as) return;
  who.textContent = words.writingAs.replace("{name}", () => isolated(as));
  who.hidden = false;
  unname();
  if (!name) return;
  name.parentNode.hidden = true;
  name.required = false;
};
// The host knows nobody here any more: who goes on writing says their name again.
const estrange = () => {
  if (who.hidden) return;
  unname();
  [who.textContent, who.hidden] = ["", true];
  if (framed) {
    framed.tell("forget", { token: proof ? "" : token });
    [token, framed.token] = [fresh, ""];
  }
  if (!name) return;
  name.value = framed?.name ?? "";
  name.parentNode.hidden = false;
  name.required = true;
};
// Nothing typed is lost: what cannot be sent goes back into the box.
const refuse = (item, error) => {
  const { field, reason } = Object(Object.values(Object(error))[0]);
  refused = item.end ? words.notEnded : (reason ?? words.refused);
  mine(item.key)?.remove();
  if (item.end) return;
  // They were forgotten elsewhere: nothing more is taken under the token.
  if (error === "NotFound" && token && !proof) token = freshKey() + freshKey();
  if (field === "name") estrange();
  const box = field === "name" ? name : text;
  if (item.file && field !== "name") return box.focus();
  if (item.text) text.value = [item.text, text.value].filter(Boolean).join("\n");
  draft(text);
  // It closed since this page was loaded. There may be a form now, which takes what was typed over.
  if (Object(error).Conflict?.cause?.code === "channel_closed" && !closed && kept.lasting) return location.reload();
  box.setAttribute("aria-invalid", "true");
  box.focus();
};

const accepted = (item, frame) => {
  if (wiped) return;
  tell({ introduced: item.name });
  // From now on the page around keeps who this is.
  if (framed && !proof) {
    framed.token = token;
    framed.tell("keep", { token, seen: `${conversation || frame.at}-${Math.max(last, frame.seq)}` });
  }
  if (framed) kept.set("visitor", "");
  const node = mine(item.key);
  if (node && !node.dataset.seq) settle(node);
  const begun = frame.seq === 1 && frame.body.kind === "mine";
  if (begun) tell({ id: `${frame.at}-1`, frame, as: token });
  else if (item.end) stream.catchUp();
  // It went into a conversation that this page does not show: what had ended goes on.
  else if (!conversation) stream.catchUp().then(stream.begin);
};
const outbox = outboxOf(path, kept, {
  scope,
  ask,
  failing: () => sending.state === "failed",
  report: (state, words) => tell({ sending: { state, words } }),
  refused: refuse,
  accepted,
});

// Tabs

const wipe = () => {
  wiped = true;
  outbox.clear();
  for (const where of ["localStorage", "sessionStorage"]) {
    try {
      const ours = framed ? at : "sideline /chat/";
      for (const key of Object.keys(window[where])) if (key.startsWith(ours)) window[where].removeItem(key);
    } catch {}
  }
  for (const box of [name, text, comment]) if (box) box.value = "";
  log.replaceChildren();
  framed?.tell("forget", { token: proof ? "" : token });
  framed || history.state === "forgotten" ? location.reload() : location.replace(path);
};
const hear = (event) => {
  if (wiped) return;
  if (event.forgotten) return wipe();
  if ("forgetting" in event) event.forgetting ? outbox.pause() : outbox.resume();
  if (event.path !== path) return;
  if (event.introduced) introduce(event.introduced);
  if (event.typing) writes(event.typing);
  if (event.rated && event.rated === conversation) rated = true, arrange();
  if (event.reset) clear();
  if (event.linked && !linked) outbox.send(true);
  linked = event.linked ?? linked;
  if (event.sending) sending = event.sending;
  if (event.asks && cookieless) tell({ visitor: token });
  if (event.visitor && token && !cookieless && (!last || token === event.visitor)) withoutCookies(event.visitor);
  if (event.as && token) {
    token = event.as;
    if (framed && !proof) framed.token = token;
  }
  if (event.frame) {
    const [began, , to] = event.id.split("-");
    belong(to);
    take(began, event.frame) ? stream.begin() : stream.catchUp().then(stream.begin);
  }
  if (event.sending || event.introduced) sync();
  say();
};
const tell = (event) => {
  others?.postMessage({ ...event, path });
  hear({ ...event, path });
};

// Whether the browser brings the cookie that came with the first message.
const hasCookie = async () => {
  if (framed) return true; // its headers say who it is
  if (cookieless || !token) return !cookieless;
  const answer = await fetch(`${path}/history?after=${place()}`, { method: "HEAD", signal: AbortSignal.timeout?.(3e4) });
  if (answer.status === 404) withoutCookies(token), tell({ visitor: token });
  else if (answer.ok) token = "";
  if (answer.ok || cookieless) kept.set("visitor", "");
  return !cookieless;
};
const withoutCookies = (visitor) => {
  token = visitor;
  cookieless = true;
  log.querySelectorAll(".file[href]").forEach((link) => fetched(link, ask));
  ownTab.set("visitor", visitor);
  if (name?.value) ownTab.set("name", name.value);
  cookies.hidden = false;
  stream.poll();
  stream.catchUp();
};

// The page around does not prove who the customer is, or does so no more.
const bar = (body) => {
  [barred, refused] = [true, Object(Object.values(Object(body))[0]).reason ?? words.refused];
  framed.tell("refused", { reason: refused });
  arrange();
  say();
};

const place = () => (conversation ? `${conversation}-${last}-${epoch}` : "");
const stream = streamOf(path, {
  scope,
  place,
  ask,
  source: (address) => (framed ? frames.source((signal) => ask(address, { signal })) : new EventSource(address)),
  lines,
  tell,
  began: () => conversation,
  follows: () => !!conversation && !lost && !barred && (!ended || Date.now() - endedAt < LINGER),
  cookies: hasCookie,
  lost: () => {
    if (!conversation || lost) return;
    lost = linked = true; // there is nothing to connect to
    estrange();
    arrange();
    say();
  },
  barred: async (answer) => !!proof && (bar(await answer.json()), true),
});
others?.addEventListener("message", ({ data }) => hear(data));
addEventListener("storage", ({ key }) => (key === null || key.startsWith(at)) && sync());
const resume = () => { say(); stream.resume(linked); outbox.send(true); };
addEventListener("online", resume);
addEventListener("offline", say);
addEventListener("pageshow", ({ persisted }) => persisted && location.reload());
// It may open while the page is there. The host decides that, whatever the clock here says: it is asked at the time that it named,
// and when somebody looks at the page again.
const PAUSE = 3e4, HOUR = 36e5;
let inquired = 0, opener;
const awaitOpening = (wait) => {
  clearTimeout(opener);
  // Not all pages at once. A long time is waited for in pieces: clocks are set, and computers sleep.
  if (closed && opens) opener = setTimeout(inquire, Math.min(Math.max(wait, 0), HOUR) + Math.random() * 5e3);
};
const inquire = async () => {
  if (!closed || away()) return;
  inquired = performance.now();
  const answer = await ask(framed ? `${path}/embed` : path).catch(() => {});
  const read = answer?.ok && (await answer.text().catch(() => ""));
  const there = read && new DOMParser().parseFromString(read, "text/html").getElementById("chat");
  if (!there) return awaitOpening(PAUSE);
  ({ closed, opens } = there.dataset);
  if (!closed) return begins(there);
  awaitOpening(Math.max(PAUSE, new Date(opens) - new Date(answer.headers.get("date"))));
  say();
};
// Conversations begin again. What was typed into the form for the time before goes on in the box.
const begins = (there) => {
  if (!composer) return location.reload();
  const writing = offline?.contains(document.activeElement);
  if (offline && !offline.hidden) {
    text.value = offline.elements.text.value;
    if (who.hidden) name.value ||= offline.elements.name.value;
    refused = "";
  }
  if (!log.firstElementChild) log.append(...there.querySelectorAll(".bubble--greeting"));
  arrange();
  say();
  if (writing) text.focus();
};
const looked = () => {
  if (away()) return;
  if (performance.now() - inquired >= PAUSE) inquire();
  unseen = 0;
  endedAt = Date.now();
  count();
  turn();
  resume();
};
document.addEventListener("visibilitychange", looked);

// Earlier lines, put in front of the others without being read aloud. Answers whether they came.
let quiet;
const readEarlier = async () => {
  const link = $("earlier"), note = link.parentNode, first = Number(note.nextElementSibling?.dataset.seq);
  const answer = await ask(`${path}/history?before=${first}`).catch(() => {});
  if (!answer?.ok) return false;
  if (answer.headers.get("x-sideline-epoch") !== epoch) return stream.catchUp(), true;
  const frames = await answer.json(), height = log.scrollHeight;
  clearTimeout(quiet);
  log.setAttribute("aria-live", "off");
  note.after(...frames.map(line));
  log.scrollTop += log.scrollHeight - height;
  quiet = setTimeout(() => log.removeAttribute("aria-live"), 500);
  if (frames[0]?.seq > 1) link.href = `${path}?before=${frames[0].seq}`;
  else note.remove();
  return true;
};
log.addEventListener("click", async (event) => {
  if (event.target.id !== "earlier") return;
  event.preventDefault();
  if (!(await readEarlier())) return framed || location.assign(event.target.href);
  if (!$("earlier")) log.focus();
});
// A conversation is printed from its beginning. Printing from the browser's menu prints what is shown.
addEventListener("keydown", async (event) => {
  // Layouts of other scripts have no P: there it is the key that has one on Latin layouts.
  const key = /[^ -~]/.test(event.key) ? event.code : event.key;
  if (!/^(Key)?p$/i.test(key) || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || !$("earlier")) return;
  event.preventDefault();
  for (let before = -1; $("earlier") && before !== log.children.length; ) {
    before = log.children.length;
    if (!(await readEarlier())) break;
  }
  print();
});

// Ending and forgetting are asked once more. Back closes the question before it leaves the page.
if (history.state === "cover") history.replaceState(null, "");
let stepping = false; // the step back of a question that was closed takes a while: the next one may be open before
const cover = () => {
  const open = !!document.querySelector("dialog[open]");
  if (stepping || open === (history.state === "cover")) return;
  if (open) return history.pushState("cover", "");
  stepping = true;
  history.back();
};
addEventListener("popstate", () => {
  if (!stepping) document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  stepping = false;
  cover();
});
// Until the step back is done, the history belongs to the question.
const stepped = () => new Promise((done) => (stepping ? addEventListener("popstate", done, { once: true }) : done()));
const asks = (id, act) => {
  const dialog = $(`ask-${id}`), [no, yes] = dialog.querySelectorAll("form");
  if (dialog.open) dialog.close(), dialog.showModal(), history.replaceState(null, "", path);
  $(id).addEventListener("submit", (event) => { event.preventDefault(); dialog.showModal(); cover(); });
  dialog.addEventListener("close", () => dialog.open || cover());
  no.addEventListener("submit", () => text?.focus());
  yes.addEventListener("submit", (event) => { event.preventDefault(); dialog.close(); act(); });
};
asks("end", () => { outbox.add({ end: true }); sync(); atEnd(); outbox.send(); });
asks("forget", async () => {
  // A first message may be under way from another tab, as the one visitor that they are.
  if (token && !cookieless && !conversation) token = kept.get("visitor") || token;
  tell({ forgetting: true });
  const answer = await outbox.still(() => ask(`${path}/forget`, { method: "POST" }).catch(() => {}));
  if (answer?.ok) {
    await stepped();
    history.replaceState("forgotten", "", framed ? null : path);
    return tell({ forgotten: true });
  }
  tell({ forgetting: false });
  refused = words.notForgotten;
  say();
});

// In place: until something is sent the agent can still reopen what had ended, which is shown then.
restart?.addEventListener("submit", (event) => { event.preventDefault(); clear(); say(); text.focus(); });

// Where no cookie is sent, the script fetches what a link would lead to.
$("transcript").addEventListener("click", async (event) => {
  if (!framed && !cookieless) return;
  event.preventDefault();
  const answer = await ask(`${path}/transcript`).catch(() => {});
  if (!answer?.ok) return;
  const link = add(null, "a"), [, file] = /filename="([^"]+)"/.exec(answer.headers.get("content-disposition")) ?? [];
  [link.href, link.download] = [URL.createObjectURL(await answer.blob()), file ?? "chat.txt"];
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 6e4);
});

// What was typed. A tab's own draft is its own; the last one typed anywhere outlives the browser.
// A comment is kept with the conversation that it is about.
const subject = (box) => (box === comment ? `${conversation} ` : "");
const draft = (box) => [ownTab, kept].forEach((where) => where.set(box.id, box.value && subject(box) + box.value));
const drafted = (box) => [ownTab, kept].map((where) => where.get(box.id)).find((typed) => typed && typed.startsWith(subject(box)))
  ?.slice(subject(box).length) ?? "";
for (const box of [name, text, comment].filter(Boolean)) {
  box.value ||= drafted(box);
  box.addEventListener("input", () => {
    draft(box);
    box.removeAttribute("aria-invalid");
    if (box === text) tellTyping(), text.value || file || !picker || show();
    refused = "";
    say();
  });
}
who.hidden || unname(); // a release before kept it
// A file waits beside the box until what is there is sent: a wrong one can be taken away. It does not outlast the page; its
// name does, so that it can be chosen again.
const chosen = $("chosen"), picker = $("file");
let file;
const show = (name = "", said = "", gone = "") => {
  const [called, more] = chosen.children;
  ownTab.set("file", name || gone);
  chosen.hidden = !said;
  [called.textContent, more.textContent] = [name, said];
};
const choose = (one) => {
  refused = one?.size > picker.dataset.max ? words.fileTooLarge : one && !one.size ? words.fileEmpty : "";
  file = refused ? undefined : one;
  picker.value = "";
  show(file?.name, file && `(${sizeOf(file.size)})`);
  text.required = !file;
  say();
  text.focus();
};
if (picker) {
  $("attach").hidden = false;
  const gone = ownTab.get("file");
  show("", gone && words.fileAgain.replace("{name}", () => isolated(gone)), gone);
  picker.addEventListener("change", () => picker.files[0] && choose(picker.files[0]));
  chosen.querySelector("button").addEventListener("click", () => choose());
  text.addEventListener("paste", (event) => {
    const [pasted] = event.clipboardData?.files ?? [];
    if (pasted && !event.clipboardData.getData("text")) event.preventDefault(), choose(pasted);
  });
  addEventListener("beforeunload", (event) => outbox.list().some((item) => item.file) && event.preventDefault());
}
composer?.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!file && !isVisible(text.value)) {
    refused = words.empty;
    text.setAttribute("aria-invalid", "true");
    say();
    return text.focus();
  }
  // Asked once; what is typed meanwhile has it asked again.
  const missing = picker && !file && ownTab.get("file");
  const question = missing && words.withoutFile.replace("{name}", () => isolated(missing));
  if (missing && refused !== question) {
    refused = question;
    say();
    return text.focus();
  }
  // Tabs that write at the same time for the first time are one visitor.
  if (token && !cookieless && !conversation) kept.set("visitor", (token = kept.get("visitor") || token));
  if (isVisible(text.value)) outbox.add({ name: name.value, text: text.value });
  if (file) outbox.add({ name: name.value, file });
  if (picker) choose();
  if (kept.get("text") === text.value) kept.set("text", "");
  ownTab.set("text", (text.value = ""));
  sync();
  atEnd();
  outbox.send();
  text.focus();
});
// An input method's keys choose words; Safari ends the composition before the last of them, which only its code shows.
addEventListener("keydown", (event) => {
  if (!event.isComposing && event.keyCode !== 229) return;
  event.stopImmediatePropagation();
  if (event.key === "Escape") event.preventDefault();
}, true);
// Without a keyboard Enter is the only way to a new line.
const touch = matchMedia("(pointer: coarse) and (hover: none)");
text?.addEventListener("keydown", (event) => {
  const breaks = event.shiftKey || (touch.matches && !event.ctrlKey && !event.metaKey);
  if (event.key !== "Enter" || breaks) return;
  event.preventDefault();
  composer.requestSubmit();
});

// A picture that failed before this listened says so again when it is asked once more.
log.addEventListener("error", ({ target }) => unpictured(target), true);
log.querySelectorAll("img[src]").forEach((image) => image.complete && !image.naturalWidth && (image.src += ""));

log.querySelectorAll("time").forEach(clock);
atEnd();
new ResizeObserver(follow).observe(log);
addEventListener("resize", () => low && atEnd());
// Where the on-screen keyboard covers the page instead of making it smaller, the page makes room for it.
const { visualViewport: seen } = window, { style } = document.documentElement;
seen?.addEventListener("resize", () => {
  const covered = seen.scale === 1 && innerHeight - seen.height > 120;
  covered ? style.setProperty("--seen", `${seen.height}px`) : style.removeProperty("--seen");
  if (low) atEnd();
});

// In a frame: what the visitor has here, and what the page around says.
const found = async () => {
  const asked = framed.token;
  if (!asked && !proof) return;
  const answer = await ask(`${path}/visit`).catch(() => {});
  const body = await answer?.json().catch(() => undefined);
  if (framed.token !== asked) return;
  if (!answer || body === undefined || answer.status === 429 || answer.status >= 500) return void setTimeout(found, 3e3);
  if (answer.status === 404) {
    framed.tell("forget", { token: asked });
    [token, framed.token] = [fresh, ""];
    return;
  }
  if (!answer.ok) {
    return bar(body);
  }
  if (!body || conversation) return;
  const { name: as, began, epoch: to, frames: shown, rated: said } = body;
  introduce(as);
  clear();
  [conversation, last, epoch] = [String(began), shown[0].seq - 1, to];
  if (last) {
    const link = add(add(log, "p", "bubble bubble--note"), "a", "", words.earlier);
    [link.id, link.href, link.parentNode.dataset.seq] = ["earlier", `${path}?before=${shown[0].seq}`, 0];
  }
  rated = said;
  for (const frame of shown) take(conversation, frame);
  const [before, upto] = (framed.seen ?? "").split("-");
  unseen = away() ? shown.filter(({ seq, body }) =>
    body.kind === "theirs" && (before !== conversation || seq > upto)).length : 0;
  below = 0;
  count();
  atEnd();
  sync();
  stream.begin();
};
// In another tab of the page around somebody wrote first, or was forgotten.
const belongTo = (to, seen) => {
  if (proof || wiped || (!to && !framed.token)) return;
  if (to === token) return (framed.token = to);
  if (!to || conversation) return location.reload();
  Object.assign(framed, { token: to, seen });
  token = to;
  found();
};
if (framed) {
  const shut = () => framed.tell("close");
  const first = () => [name, text, ...(offline ? offline.querySelectorAll("input, textarea") : []), $("close")]
    .find((box) => box?.offsetParent);
  framed.heard = ({ sideline, open, token: to, seen: upto }) => {
    if (sideline === "kept") belongTo(to, upto);
    if (sideline !== "shown") return;
    framed.open = open;
    looked();
    if (!open) return;
    atEnd();
    // What is said may come before the frame is drawn, and what is not drawn cannot have the focus. A visitor who writes
    // already stays in their box, which kept its place but not the keyboard while the frame was hidden.
    requestAnimationFrame(() => {
      const { activeElement: at } = document;
      (at?.matches("input, textarea") ? at : first())?.focus();
    });
  };
  $("close").addEventListener("click", shut);
  addEventListener("keydown", ({ key }) => key === "Escape" && !document.querySelector("dialog[open]") && shut());
  if (name) name.value ||= framed.name ?? "";
}
// The form for the time in which no conversation begins. What was typed stands in it until the host has it: the message is the
// draft of the box as well, the rest is of this tab.
if (offline) {
  const { name: called, email, phone, text: message } = offline.elements, sender = [called, email, phone];
  for (const box of sender) box.value ||= ownTab.get(box.id);
  called.value ||= name?.value || framed?.name || "";
  email.value ||= framed?.email ?? "";
  message.value ||= ownTab.get("text") || kept.get("text");
  let key;
  const keep = () => {
    for (const where of [ownTab, kept]) where.set("text", message.value);
    // What the host says of a customer is no draft.
    for (const box of sender) ownTab.set(box.id, box.value === box.defaultValue ? "" : box.value);
  };
  offline.addEventListener("input", () => { key = undefined; refused = ""; keep(); say(); });
  offline.addEventListener("submit", async (event) => {
    event.preventDefault();
    const sent = (key ??= freshKey());
    const answer = await ask(`${path}/offline`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...Object.fromEntries(new FormData(offline)), key }),
    }).catch(() => {});
    const body = await answer?.json().catch(() => {});
    if (answer?.ok && body?.seq) {
      const as = called.value, more = key === sent ? "" : message.value; // typed meanwhile
      refused = "";
      offline.reset();
      for (const box of [message, text]) if (box) box.value = more;
      keep();
      return accepted({ key: sent, name: as }, body);
    }
    const { field, reason } = Object(Object.values(Object(body))[0]);
    refused = reason ?? `${words.refused} ${words.kept}`;
    offline.elements[field]?.focus?.();
    say();
  });
}
// How it was: asked once.
rating?.addEventListener("input", () => { ratingKey = undefined; refused = ""; say(); });
rating?.addEventListener("submit", async (event) => {
  event.preventDefault();
  ratingKey ??= freshKey();
  const about = conversation;
  const answer = await ask(`${path}/rating`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ rating: Number(rating.elements.rating.value), comment: comment.value, after: place(), key: ratingKey }),
  }).catch(() => {});
  const body = await answer?.json().catch(() => {});
  const { field, reason, cause } = Object(Object.values(Object(body))[0]);
  const given = (answer?.ok && body?.rated) || cause?.code === "already_rated";
  if (conversation !== about) return given && tell({ rated: about }); // another one began meanwhile
  refused = answer?.ok && given ? "" : (reason ?? words.notRated);
  if (!given) return (field === "comment" && (comment.setAttribute("aria-invalid", "true"), comment.focus())), say();
  draft(Object.assign(comment, { value: "" }));
  tell({ rated: about });
  (restart?.hidden === false ? restart.querySelector("button") : log).focus();
});
if (token && !framed) {
  const before = ownTab.get("visitor");
  if (before) withoutCookies(before);
  else tell({ asks: true });
  cookies.hidden &&= navigator.cookieEnabled;
}
if (framed) await found();
awaitOpening(new Date(opens) - Date.now());
sync();
outbox.send();
// What had the focus went with the page before.
if (history.state === "forgotten") history.replaceState(null, ""), log.focus();
framed?.tell("ready", { launcher: words.launcher, close: words.launcherClose, news: words.news });
