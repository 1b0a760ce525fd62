// The chat page in a frame of another site. It listens to the window that shows it, from an origin that the channel allows,
// and answers there alone. That page keeps the visitor's token: here browsers may keep nothing.

// The page around, once it has said hello: token, seen, identity, name, email, open, and its origin; tell(what, more) to it;
// `heard(message)` is set by the listener.
export const around = (origins) => new Promise((resolve) => {
  let page;
  addEventListener("message", ({ source, origin, data }) => {
    if (source !== parent || !origins.includes(origin) || typeof data?.sideline !== "string") return;
    if (page) return origin === page.origin && page.heard?.(data);
    if (data.sideline !== "hello") return;
    const tell = (sideline, more) => parent.postMessage({ ...more, sideline }, origin);
    resolve((page = { ...data, origin, tell }));
  });
});

// The proof of who the customer is, as a header holds it.
export const proof = ({ user_id, hash }) => `${hash}.${encodeURIComponent(user_id)}`;

// An event stream with the headers that EventSource cannot send; as much of one as chat-stream.js uses.
export const source = (open) => {
  const stop = new AbortController(), acts = {};
  const self = {
    readyState: 0,
    close: () => { self.readyState = 2; stop.abort(); },
    addEventListener: (name, act) => (acts[name] = act),
  };
  const give = (event) => {
    const fields = {};
    for (const line of event.split("\n")) {
      const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
      if (name) fields[name] = name in fields ? `${fields[name]}\n${value}` : value;
    }
    if (fields.data === undefined) return;
    const message = { lastEventId: fields.id ?? "", data: fields.data };
    (fields.event ? acts[fields.event] : self.onmessage)?.(message);
  };
  const read = async () => {
    const answer = await open(stop.signal);
    if (!answer.ok) return;
    self.readyState = 1;
    self.onopen?.();
    const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
    for (let text = ""; ; ) {
      const { value, done } = await reader.read();
      if (done) return;
      const events = (text + value).split("\n\n");
      text = events.pop();
      events.forEach(give);
    }
  };
  read().catch(() => {}).then(() => {
    if (self.readyState === 2) return;
    self.readyState = 2;
    self.onerror?.();
  });
  return self;
};
