// Keeps a wall up to date: asks for the page again and takes its content over. A link that opens nothing any more says so, and
// nothing is asked after that. Times come in UTC and are shown as clocks here do.
const EVERY_MS = 5000;
/** An answer that takes longer does not come: a connection may be lost without a word. */
const LIMIT_MS = 10_000;

async function refresh() {
  try {
    const signal = AbortSignal.timeout?.(LIMIT_MS);
    const answer = await fetch(location.href, { cache: "no-store", credentials: "omit", signal });
    if (answer.ok || answer.status === 404) {
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.title = page.title;
      document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
      localise();
      if (!answer.ok) return;
    } else {
      stale();
    }
  } catch {
    stale();
  }
  setTimeout(refresh, EVERY_MS);
}

function localise() {
  for (const time of document.querySelectorAll("time[datetime]")) {
    time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, {
      dateStyle: "medium",
      timeStyle: "short",
    });
  }
}

function stale() {
  document.querySelector(".wall__stale").hidden = false;
}

localise();
setTimeout(refresh, EVERY_MS);
