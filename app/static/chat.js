// The customer's chat page: sends, shows what arrives, keeps what was typed. Reading and sending work without it.
"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const [chat, log, status, who, composer, restart, name, text] =
    ["chat", "log", "status", "who", "composer", "restart", "name", "text"].map($);
  const path = chat.dataset.path;
  const pending = new Map(); // key -> what was sent and is not stored yet
  let after = chat.dataset.after; // place of the last line, as the server writes it
  let refused = "", linked = true, ended = !!restart && !restart.hidden, busy, wanted, source, timer, tries = 0;

  // One item each, so that two tabs do not overwrite each other. Without storage nothing outlives a reload.
  const at = `sideline ${path} `;
  const recall = (item) => { try { return localStorage.getItem(at + item) ?? ""; } catch { return ""; } };
  const keep = (item, value) => {
    try { value ? localStorage.setItem(at + item, value) : localStorage.removeItem(at + item); } catch {}
  };

  const resting = composer ? "" : status.textContent;
  const say = () => {
    const [line, bad] = refused ? [refused, true]
      : !navigator.onLine ? ["You are offline. Your message is kept."]
      : !linked ? ["Connecting…"]
      : log.querySelector("[data-seq]") && !ended && !log.querySelector(".bubble--theirs")
        ? ["We have your message. Somebody will answer you here."] : [resting];
    status.classList.toggle("status--error", !!bad);
    if (status.textContent !== line) status.textContent = line;
  };

  let low = true; // the end of the conversation is in sight
  const follow = () => low && (log.scrollTop = log.scrollHeight);
  log.addEventListener("scroll", () => (low = log.scrollHeight - log.scrollTop - log.clientHeight < 48));

  // As the visitor's language writes it: 4:23 AM, 04:23.
  const clock = (time) => {
    const date = new Date(time.dateTime);
    const words = [date.toLocaleTimeString([], { timeStyle: "short" })];
    if (date.toDateString() !== new Date().toDateString()) {
      words.unshift(date.toLocaleDateString([], { month: "short", day: "numeric" }));
    }
    time.textContent = words.join(", ");
    time.className = "";
  };
  const add = (parent, tag, cls, content) => {
    const node = parent.appendChild(document.createElement(tag));
    if (cls) node.className = cls;
    if (content) node.textContent = content;
    return node;
  };
  const bubble = (side, author, label, content) => {
    const node = add(log, author ? "article" : "p", `bubble bubble--${side}`);
    if (!author) return (node.textContent = content), node;
    Object.assign(node.dataset, { author, entry: "message" });
    add(node, "span", author === "agent" ? "bubble__meta" : "visually-hidden", label);
    add(node, "p", "", content);
    return node;
  };
  const mine = (key) => log.querySelector(`[data-key="${CSS.escape(key)}"]`);
  const waiting = (state) => log.querySelector(`[data-state${state ? `="${state}"` : ""}]`);

  // Marks a message of one's own: sending, failed, or (no state) stored.
  const mark = (node, state) => {
    node.classList.toggle("bubble--failed", state === "failed");
    node.querySelector("div")?.remove();
    if (!state) return delete node.dataset.state;
    node.dataset.state = state;
    const line = add(node, "div", "bubble__meta", state === "failed" ? "Not sent. " : "Sending…");
    if (state !== "failed") return;
    const retry = add(line, "button", "", "Retry");
    retry.type = "button";
    retry.onclick = () => { again(); text.focus(); };
  };

  const show = ({ seq, at, body }) => {
    if (log.querySelector(`[data-seq="${seq}"]`)) return;
    log.querySelector(".bubble--note:not([data-seq])")?.remove();
    const node = body.kind === "ended" ? bubble("note", "", "", "This conversation has ended.")
      : body.kind === "theirs" ? bubble("theirs", "agent", body.name, body.text)
      : mine(body.key) ?? bubble("mine", "customer", "You: ", body.text);
    node.dataset.seq = seq;
    if (body.kind === "ended") close(true);
    else {
      if (body.kind === "mine") mark(node), (node.dataset.key = body.key), stored(body.key);
      const time = add(node, "time");
      time.dateTime = new Date(at / 1000).toISOString();
      clock(time);
    }
    log.insertBefore(node, waiting()); // what is not stored yet stands below
    follow();
    say();
  };
  const stored = (key) => { pending.delete(key); keep("message " + key, ""); };
  const clear = () => {
    for (const node of [...log.children]) if (!node.dataset.state) node.remove();
    after = "";
  };
  const close = (over) => {
    ended = over;
    if (over) source?.close();
    if (composer) [composer.hidden, restart.hidden] = [over, !over];
  };

  const connect = () => {
    clearTimeout(timer);
    source?.close();
    source = new EventSource(`${path}/live?after=${after}`);
    source.onopen = () => { tries = 0; linked = true; say(); again(); };
    source.onmessage = (event) => { after = event.lastEventId; show(JSON.parse(event.data)); };
    source.addEventListener("reset", clear);
    source.onerror = () => {
      source.close();
      linked = false;
      say();
      timer = setTimeout(connect, Math.random() * Math.min(3e4, 500 * 2 ** ++tries));
    };
  };
  const resume = () => { say(); if (source && !linked && !ended) connect(); again(); };

  const send = async () => {
    if (busy) return;
    busy = true;
    wanted = false;
    for (let node; (node = waiting("sending")); ) {
      const { key } = node.dataset, body = pending.get(key), headers = { "content-type": "application/json" };
      let answer, frame;
      try {
        answer = await fetch(`${path}/messages`, { method: "POST", headers, body });
        frame = await answer.json();
      } catch {}
      if (answer?.ok && frame) accept(node, JSON.parse(body), frame);
      else if (answer && answer.status < 500 && answer.status !== 429) refuse(node, JSON.parse(body), frame);
      else if (wanted) wanted = false;
      else { // those behind it wait as well, so that the order stays
        while ((node = waiting("sending"))) mark(node, "failed");
        if (answer?.status === 429) setTimeout(again, 1e3 * (answer.headers.get("retry-after") || 5));
      }
      say();
    }
    busy = false;
  };
  const accept = (node, item, frame) => {
    introduce(item.name);
    stored(item.key);
    if (node.dataset.seq) return; // the stream was quicker
    const begun = frame.seq === 1 || ended;
    // A repeated key of an earlier conversation: it stands there.
    if (!begun && frame.seq <= after.split("-")[1]) return node.remove();
    node.dataset.state = "stored"; // until the stream brings it
    if (begun) clear(), close(false);
    if (begun || !source || source.readyState === 2) connect();
    else setTimeout(() => node.dataset.state && connect(), 2e3);
  };
  const introduce = (as) => {
    if (!who.hidden) return;
    who.textContent = "You write as " + as;
    who.hidden = false;
    name.parentNode.hidden = true;
    name.required = false;
  };
  // Nothing typed is lost: what cannot be sent goes back into the box.
  const refuse = (node, item, error) => {
    const { field, reason } = Object(Object.values(Object(error))[0]);
    refused = !reason ? "Your message could not be sent."
      : field ? `Your ${field === "name" ? "name" : "message"} ${reason}.` : reason;
    const box = field === "name" ? name : text;
    text.value = [item.text, text.value].filter(Boolean).join("\n");
    keep("text", text.value);
    stored(item.key);
    node.remove();
    box.setAttribute("aria-invalid", "true");
    box.focus();
  };
  const again = () => {
    for (let node; (node = waiting("failed")); ) mark(node, "sending");
    wanted = busy; // what is on its way now may be about to fail, and nobody would ask once more
    send();
  };
  const queue = (key, item) => {
    pending.set(key, item);
    const node = bubble("mine", "customer", "You: ", JSON.parse(item).text);
    node.dataset.key = key;
    mark(node, "sending");
    low = true;
    follow();
  };

  log.querySelectorAll("time").forEach(clock);
  follow();
  new ResizeObserver(follow).observe(log);
  addEventListener("online", resume);
  addEventListener("offline", say);
  document.addEventListener("visibilitychange", () => document.hidden || resume());
  if (after && !ended) connect();
  if (!composer) return;

  for (const box of [name, text]) {
    box.value ||= recall(box.id);
    box.addEventListener("input", () => {
      keep(box.id, box.value);
      box.removeAttribute("aria-invalid");
      refused = "";
      say();
    });
  }
  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!text.value.trim()) return text.focus();
    const random = crypto.getRandomValues(new Uint8Array(16));
    const key = Array.from(random, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const item = JSON.stringify({ name: name.value, text: text.value, key });
    keep("message " + key, item);
    keep("text", (text.value = ""));
    queue(key, item);
    send();
    text.focus();
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    composer.requestSubmit();
  });
  try {
    for (const item of Object.keys(localStorage).filter((item) => item.startsWith(at + "message "))) {
      const key = item.slice(at.length + 8);
      mine(key) ? stored(key) : queue(key, localStorage.getItem(item));
    }
  } catch {}
  send();
  say();
})();
