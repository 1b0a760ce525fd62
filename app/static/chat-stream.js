// One event stream for all tabs of a browser: the tab that was opened or shown last holds it and tells the others.
// HTTP/1.1 allows six connections to a host, and what is sent needs one as well. A browser without cookies, which can
// open no stream, asks every few seconds.

const BATCH = 200; // how many lines the host answers at most
const POLL = 3e3;

// `page`: scope: what the tabs that belong together share; place() of the last line; began(): which conversation it shows;
// follows(): there is one that goes on, or may; lines(frames, epoch); tell(event) to this page and to the other tabs; ask(address): fetch; source(address): an event
// stream; cookies(): whether the browser brings them; lost(): it brings them no more; barred(answer): whether a refusal is one of
// the proof of who the customer is, which the page shows.
export const stream = (path, page) => {
  const name = `sideline ${page.scope} stream`;
  let source, followed, timer, polls, queued, leads = !navigator.locks, tries = 0;

  // Reads what this tab does not show yet. False: the host does not know this browser.
  const catchUp = async () => {
    for (let more = true; more; ) {
      const place = page.place();
      const answer = await page.ask(`${path}/history?after=${place}`);
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
    source.onopen = () => { tries = 0; page.tell({ linked: true }); };
    source.onmessage = ({ lastEventId, data }) => page.tell({ id: lastEventId, frame: JSON.parse(data) });
    source.addEventListener("typing", ({ data }) => page.tell({ typing: JSON.parse(data).name }));
    source.addEventListener("reset", () => page.tell({ reset: true }));
    source.onerror = () => {
      opened.close();
      if (opened !== source || !page.follows()) return;
      page.tell({ linked: false });
      later();
    };
  };
  const poll = () => (polls ??= setInterval(() => document.hidden || !page.follows() || look(), POLL));

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

  const isOpen = () => source?.readyState < 2;
  // Follows what began just now.
  const begin = () => { if (polls) look(); else if (leads && !(isOpen() && followed === page.began())) start(); };
  // The network is back, or somebody looks at this tab again.
  const resume = (linked) => {
    if (polls) look();
    else if (!leads) lead(true);
    else if (!linked || !isOpen()) start();
  };
  if (!navigator.locks) {
    document.addEventListener("visibilitychange", () => document.hidden && stop());
    start();
  } else lead(true);
  return { begin, resume, catchUp: look, poll };
};
