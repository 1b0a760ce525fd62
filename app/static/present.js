// Somebody who has one of the host's own pages open is there: the page holds a live connection, as every tab of the app does
// (`app/src/live/socket.rs`), by the same rules. Who is there is given work, and nothing is pushed to them, so the header says what the
// app would: work, messages, coaching and replies to it, alerts. The browser closes the socket with its page, and a page that it kept is
// loaded again (`early.js`).
import { drop, filled, show, shown, words } from "./header-news.js";

/** The host says something at least every 20 seconds; after this long the connection is dead. */
const SILENCE_MS = 45_000;
const WATCH_MS = 5_000;
/** The host's code for a session that is over, and its reason where the user signed out. */
const OVER = 4401;
const SIGNED_OUT = "signed out";
/** Where the page before this one stands in the tab's storage: its address, and since when its lines were new. No words. */
const LEFT = "sideline-header-news";

const place = document.querySelector("[data-live]");
const { user, epoch, home } = place.dataset;
const seesAlerts = "alerts" in place.dataset;
const handles = "handles" in place.dataset;
const began = { epoch, rev: Number(place.dataset.rev) };
/** Only what came after the page was made is worth a notice; the lines of the page before are not. */
const made = began.rev;

// A form that is sent leads to the next page of the host: what was new on the one before stays so. Not on the way over the app.
const isNext = (path) =>
  performance.getEntriesByType("navigation")[0]?.type === "reload"
    ? path === location.pathname
    : document.referrer.startsWith(`${location.origin}/`) && path === new URL(document.referrer).pathname;
try {
  const left = JSON.parse(sessionStorage.getItem(LEFT));
  if (left?.epoch === epoch && left.user === user && isNext(left.path)) began.rev = Math.min(left.rev, made);
} catch {
  // No storage.
}
addEventListener("pagehide", () => {
  // Where nothing is shown, nothing has to be read once more.
  const { rev } = place.querySelector("[data-lines] > *") ? began : position;
  try {
    sessionStorage.setItem(LEFT, JSON.stringify({ epoch, rev, user, path: location.pathname }));
  } catch {
    // No storage.
  }
});

const { sidelineAlerts: elsewhere } = window;
const titled = ({ customer, subject }) =>
  !customer || customer === subject ? subject : filled(words.titled, { customer, subject });

/** Takes a notification of the user, and whether it is new to this page. */
function notified({ Message, Read, WorkAssigned, WorkTaken }, isNew) {
  const tell = (...what) => isNew && elsewhere?.tell(user, ...what);
  if (WorkAssigned) {
    const { workitem, customer, subject } = WorkAssigned;
    const href = `/workspace/${workitem}`;
    show(`work:${workitem}`, filled(words.assigned, { subject: titled(WorkAssigned) }), href);
    tell(customer || subject, subject, href);
  } else if (WorkTaken) {
    drop((about) => about === `work:${WorkTaken.workitem}`);
  } else if (Message && Message.from.id !== user) {
    const { from, request, text } = Message;
    const about = `message:${from.id}`;
    // The sign of requests that wait counts a raised hand.
    const isCounted = request && document.querySelector("[data-waiting]");
    if (!isCounted) show(about, filled(words.message, { name: from.name }), home, shown(about) + 1);
    tell(from.name, text, "");
  } else if (Read) {
    drop((about) => about === `message:${Read.with}`);
  }
}

/** What was unseen of coaching, and of replies to it. */
const unseen = {};
/** Takes all of a kind that is unseen now. What was there when the page was opened has a line all the same, and no notice. */
function take(kind, notices) {
  const now = new Map(notices.map((notice) => [`${kind}:${notice.workitem}`, notice]));
  drop((about) => about.startsWith(`${kind}:`) && !now.has(about));
  for (const [about, { who, title, text, href, count, last }] of now) {
    show(about, text, href, count);
    const isNew = unseen[kind] && (unseen[kind].get(about)?.last ?? 0) < last;
    if (isNew) elsewhere?.tell(user, who, title, href);
  }
  unseen[kind] = now;
}

/** Takes the user's own workitems. Coaching whose notice they dismissed in the app counts on, and names no coach. */
function coached({ workitems }) {
  const notices = workitems.map((workitem) => {
    const { id, coaching_latest: latest, coaching_unseen: count } = workitem;
    const title = titled(workitem);
    const text = filled(latest ? words.coached : words.coaching, { name: latest?.supervisor, subject: title });
    return { workitem: id, who: latest?.supervisor ?? title, title, text, href: `/workspace/${id}`, count, last: count };
  });
  take("coaching", notices.filter(({ count }) => count));
}

/** Takes the replies that the user, who coached, has not seen. */
function replied(replies) {
  const notices = replies.map((reply) => {
    const { agent, workitem, count, seq } = reply;
    const title = titled(reply);
    const text = filled(words.replied, { name: agent.name, subject: title });
    return { workitem, who: agent.name, title, text, href: `/coaching/${agent.id}/${workitem}`, count, last: seq };
  });
  take("reply", notices);
}

let alerts;
/** Takes the open alerts. Those that were there when the page was opened are no news. */
function alerted(open) {
  const about = ({ rule, workitem, about }) => `alert:${rule}:${workitem}:${about}`;
  const now = new Set(open.map(about));
  drop((about) => about.startsWith("alert:") && !now.has(about));
  for (const alert of alerts && elsewhere?.heeds(user) ? open : []) {
    if (alerts.has(about(alert))) continue;
    const title = filled(words.alert, { name: alert.name });
    const href = `/coaching/${alert.agent?.id ?? user}/${alert.workitem}`;
    show(about(alert), title, href);
    elsewhere.tell(user, title, titled(alert), href);
  }
  alerts = now;
}

let socket, retry, heard, failures = 0, over = false;
/** Up to where notifications were taken. */
let position = began;

function follow(topic, after) {
  socket.send(JSON.stringify({ subscribe: { topic, after, monitor: false } }));
}

/** Takes a frame. One of a later release, or about something else, is nothing to this page. */
function received(frame, known) {
  if (frame.own) {
    position = { ...position, rev: frame.own.seq };
    notified(frame.own.event, frame.own.seq > made);
  } else if (frame.agent) {
    coached(frame.agent);
  } else if (frame.replies) {
    replied(frame.replies);
  } else if (frame.alerts) {
    alerted(frame.alerts);
  } else if (frame.subscribed?.topic === "own") {
    position = { epoch: known, rev: frame.subscribed.rev };
  }
}

function connect() {
  clearTimeout(retry);
  let known = "";
  socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/live`);
  heard = Date.now();
  socket.onmessage = ({ data }) => {
    heard = Date.now();
    const frame = JSON.parse(data);
    if (!frame.hello) return received(frame, known);
    if (known) return;
    [known, failures] = [frame.hello.epoch, 0];
    follow("own", position);
    if (handles) follow({ agent: user }, null);
    if (seesAlerts) follow("alerts", null);
  };
  socket.onclose = async ({ code, reason }) => {
    if (code === OVER) return end(reason);
    lost();
    if (!known && (await isSessionGone())) end("");
  };
}

function discard() {
  if (!socket) return;
  socket.onmessage = socket.onclose = null;
  socket.close();
  socket = undefined;
}

/** The connection is gone or given up. The next attempt comes after anything up to a ceiling that doubles with each failure. */
function lost() {
  if (!socket) return;
  discard();
  const ceiling = Math.min(1_000 * 2 ** failures++, 30_000);
  retry = setTimeout(connect, 500 + (ceiling - 500) * Math.random());
}

/** A socket that was refused looks like one that found no host: the answer to a request tells which it was. */
async function isSessionGone() {
  try {
    return (await (await fetch("/live", { cache: "no-store" })).json()) === "Unauthenticated";
  } catch {
    return false;
  }
}

/** The session is over. The page stays, with what was typed on it, and says so. */
function end(reason) {
  over = true;
  clearTimeout(retry);
  discard();
  place.querySelector(`[data-over="${reason === SIGNED_OUT ? "out" : "ended"}"]`).hidden = false;
}

function retryNow() {
  if (!over && !socket) connect();
}

function watch() {
  if (socket && Date.now() - heard > SILENCE_MS) {
    lost();
    retryNow();
  }
}

setInterval(watch, WATCH_MS);
addEventListener("online", retryNow);
addEventListener("offline", lost);
// Timers of a hidden page run late.
document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  watch();
  retryNow();
});
connect();
