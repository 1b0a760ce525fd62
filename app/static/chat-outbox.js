// What a customer wrote and the host has not acknowledged: kept by the browser, shared by its tabs, and sent one after
// the other, oldest first. What cannot be sent keeps what is behind it waiting. The same key is tried again until there
// is an answer that can be read; the host stores it once. Files last as long as the page: a browser's storage has no room for them.

const DAY = 864e5;

// Items by name, each of its own, so that tabs do not overwrite each other. Without storage they last as long as the page.
export const items = (at, where) => {
  const unkept = new Map();
  let store;
  try { store = window[where]; store.getItem(at); } catch { store = undefined; }
  const names = () => [...new Set([...unkept.keys(), ...Object.keys(store ?? {})])];
  return {
    lasting: !!store,
    get: (name) => unkept.get(at + name) ?? store?.getItem(at + name) ?? "",
    set: (name, value) => {
      unkept.delete(at + name);
      try { value ? store.setItem(at + name, value) : store.removeItem(at + name); }
      catch { if (value) unkept.set(at + name, value); }
    },
    named: (start) => names().filter((name) => name.startsWith(at + start)).map((name) => name.slice(at.length)),
  };
};

// A key of something that is sent once.
export const freshKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

// `page`: scope: what the tabs that belong together share; ask(address, options): fetch; failing(): the first item is; report(state, words) how the first item is doing; accepted(item, frame);
// refused(item, error).
export const outbox = (path, kept, page) => {
  const files = new Map();
  const name = (item) => `${item.end ? "end" : "message"} ${item.key}`;
  let asked, urgent, timer, way, paused, tries = 0, last = Promise.resolve(), { locks } = navigator;

  const list = () => [...kept.named("message "), ...kept.named("end ")].flatMap((name) => {
    try { return [JSON.parse(kept.get(name))]; } catch { return []; }
  }).concat([...files.values()]).sort((a, b) => (a.at ?? 0) - (b.at ?? 0) || (a.key < b.key ? -1 : 1));
  const put = (item) => (item.file ? files.set(item.key, item) : kept.set(name(item), JSON.stringify(item)));
  const remove = (item) => { item.file ? files.delete(item.key) : kept.set(name(item), ""); };
  // Nobody expects that what they wrote the day before yesterday is sent now.
  const isOld = (item) => Date.now() - (item.again ?? item.at ?? Date.now()) > DAY;

  // One tab at a time; without locks several may send the first item, which is stored once.
  const alone = (work) => {
    if (!locks) return (last = last.then(work, work));
    return locks.request(`sideline ${page.scope} send`, work).catch((error) => {
      // A frame may have none, as it may have no storage.
      if (error.name === "SecurityError") (locks = undefined), alone(work);
    });
  };

  // A refusal is an error of the host's own. Whatever else comes says nothing about the message.
  const isError = (body) => body === "NotFound" || !!(body?.Invalid || body?.Conflict);
  // What is said of a file stands in headers: addresses are written down on the way.
  const request = ({ key, name, text, file, end }) => {
    if (!file) return [end ? "end" : "messages", { "content-type": "application/json" }, JSON.stringify(end ? { key } : { name, text, key })];
    const said = Object.entries({ file: file.name, name, key }).map(([what, is]) => [`x-sideline-${what}`, encodeURIComponent(is)]);
    return ["files", { "content-type": "application/octet-stream", ...Object.fromEntries(said) }, file];
  };
  const post = async (item) => {
    const [to, headers, body] = request(item), under = (way = new AbortController());
    const over = setTimeout(() => under.abort(), item.file ? 33e4 : 3e4);
    try {
      const answer = await page.ask(`${path}/${to}`, {
        method: "POST",
        headers,
        body,
        signal: under.signal,
      });
      const said = await answer.json().catch(() => undefined);
      if (answer.ok && said?.seq) return { frame: said };
      if (answer.status === 429) return { wait: answer.headers.get("retry-after"), words: said?.RateLimited?.reason };
      if (answer.status < 500 && answer.status !== 408 && isError(said)) return { error: said };
    } catch {} finally { clearTimeout(over); }
    return {};
  };

  const drain = async () => {
    clearTimeout(timer);
    for (let item; (item = list()[0]) && !isOld(item); ) {
      page.report("sending");
      const { frame, error, wait, words } = await post(item);
      if (paused) return;
      if (frame) page.accepted(item, frame);
      else if (error) page.refused(item, error);
      else {
        later(Number(wait) || Math.min(60, 5 * 2 ** tries++));
        return page.report("failed", words);
      }
      tries = 0;
      remove(item);
      page.report("");
    }
  };
  const later = (seconds) => {
    clearTimeout(timer);
    timer = setTimeout(send, seconds * 1e3 * (1 + Math.random() / 4), true);
  };
  // What is written behind something that failed waits with it; `now`: there is a reason to try again at once.
  const send = (now) => {
    urgent ||= now;
    if (asked || paused) return;
    asked = true;
    alone(() => {
      if (paused) return (asked = false);
      const wanted = urgent || !page.failing();
      asked = urgent = false;
      return wanted ? drain() : later(5);
    });
  };

  // The customer is about to be forgotten: nothing is sent, and what is on its way is given up. A tab that never hears how it went
  // goes on after a while.
  const pause = () => {
    paused = true;
    way?.abort();
    clearTimeout(timer);
    timer = setTimeout(resume, 6e4);
  };
  const resume = () => { paused = false; send(true); };
  const clear = () => { pause(); clearTimeout(timer); files.clear(); };
  // Does something while no tab sends. One that does not answer is not waited for: the host takes nothing of who was forgotten.
  const still = (act) => new Promise((done) => {
    let begun;
    const begin = () => (begun ??= act().then(done));
    alone(begin);
    setTimeout(begin, 3e3);
  });

  const add = (item) => {
    item.key = freshKey();
    item.at = Math.max(Date.now(), (list().at(-1)?.at ?? 0) + 1); // also when the clock was set back
    put(item);
    return item;
  };
  const again = () => {
    const [item] = list();
    if (item && isOld(item)) put({ ...item, again: Date.now() });
    send(true);
  };
  return { list, add, remove, isOld, send, again, pause, resume, clear, still };
};
