// One event stream for all tabs of a browser: the tab that was opened or shown last holds it and tells the others.
// HTTP/1.1 allows six connections to a host, and what is sent needs one as well. A browser without cookies, which can
// open no stream, asks every few seconds.

const BATCH = 200; // how many lines the host answers at most
const POLL = 3e3;
const POLL_UNSEEN = 3e4;
const LIMIT = 15e3; // for an answer
// As in present.js: the host says something at least every 15 seconds, and after this long the connection is dead.
const SILENCE = 45e3;
const WATCH = 5e3;

// `page`: scope: what the tabs that belong together share; place() of the last line; began(): which conversation it shows;
// follows(): there is one that goes on, or may; lines(frames, epoch); tell(event) to this page and to the other tabs;
// ask(address, options): fetch; source(address): an event stream; cookies(): whether the browser brings them; lost(): it brings them
// no more; barred(answer): whether a refusal is one of the proof of who the customer is, which the page shows.
export const stream = (path, page) => {
  const name = `sideline ${page.scope} stream`;
  let source, followed, timer, polls, queued, leads = !navigator.locks, tries = 0;
  // When the stream last said anything, and whether its host says that it is alive. One of the release before, which may answer during
  // an upgrade, sends comments, and those no page sees: its streams may be quiet for as long as they like, and nobody opens them again.
  let heard = 0, breathes = false;

  // Reads what this tab does not show yet. False: the host does not know this browser.
  const catchUp = async () => {
    for (let more = true; more; ) {
      const place = page.place();
      const answer = await page.ask(`${path}/history?after=${place}`, { signal: AbortSignal.timeout?.(LIMIT) });
      if (answer.status === 404) return page.lost(), false;
      if (answer.status === 422 && (await page.barred(answer))) return false;
      if (!answer.ok) throw answer.status;
      const frames = await answer.json();
      page.lines(frames, answer.headers.get("x-sideline-epoch"));
      more = frames.length >= BATCH && page.place() !== place;
    }
    return true;
  };
  const look = () => catchUp().catch(() => {});

  const stop = () => {
    clearTimeout(timer);
    source?.close();
    source = undefined;
  };
  const later = () => (timer = setTimeout(again, Math.random() * Math.min(3e4, 500 * 2 ** ++tries)));
  const again = async () => {
    try { if (await catchUp()) await connect(); } catch { later(); }
  };
  const connect = async () => {
    stop();
    if (!leads || !page.follows()) return;
    if (!(await page.cookies())) return poll();
    stop();
    if (!leads || !page.follows()) return;
    followed = page.began();
    const opened = (source = page.source(`${path}/live?after=${page.place()}`));
    [heard, breathes] = [Date.now(), false];
    const hears = (act) => (event) => { heard = Date.now(); act(event); };
    source.onopen = hears(() => { tries = 0; page.tell({ linked: true }); });
    source.onmessage = hears(({ lastEventId, data }) => page.tell({ id: lastEventId, frame: JSON.parse(data) }));
    source.addEventListener("alive", hears(() => { breathes = true; }));
    source.addEventListener("typing", hears(({ data }) => page.tell({ typing: JSON.parse(data).name })));
    source.addEventListener("reset", hears(() => page.tell({ reset: true })));
    source.onerror = () => (opened === source ? lose() : opened.close());
  };
  const isOpen = () => source?.readyState < 2;
  const lose = () => {
    source.close();
    if (!page.follows()) return;
    page.tell({ linked: false });
    later();
  };
  // A network can lose a connection and say so to neither end: the stream stays open, and nothing comes any more.
  const isSilent = () => Date.now() - heard > SILENCE && (breathes || source.readyState === 0);
  setInterval(() => isOpen() && isSilent() && lose(), WATCH);

  // More rarely while nobody looks: the title counts.
  let polled = 0;
  const poll = () => (polls ??= setInterval(() => {
    if (!page.follows() || (document.hidden && Date.now() - polled < POLL_UNSEEN)) return;
    polled = Date.now();
    look();
  }, POLL));

  const lead = (steal) => {
    queued?.abort();
    const mine = (queued = steal ? undefined : new AbortController());
    const held = () => new Promise(() => { leads = true; queued = undefined; start(); });
    navigator.locks.request(name, mine ? { signal: mine.signal } : { steal }, held).catch((error) => {
      if (mine?.signal.aborted) return;
      if (error.name !== "AbortError") return (leads = true), start(); // no locks here
      leads = false; // another tab took over
      stop();
      if (page.follows()) look();
      lead(false);
    });
  };
  const start = () => connect().catch(later);

  // Follows what began just now.
  const begin = () => { if (polls) look(); else if (leads && !(isOpen() && followed === page.began())) start(); };
  // The network is back, or somebody looks at this tab again.
  const resume = (linked) => {
    if (polls) look();
    else if (!leads) lead(true);
    else if (!linked || !isOpen() || isSilent()) start();
    else if (page.follows()) look(); // the stream may be dead for less than it takes to notice
  };
  if (!navigator.locks) {
    document.addEventListener("visibilitychange", () => document.hidden && stop());
    start();
  } else lead(true);
  return { begin, resume, catchUp: look, poll };
};
