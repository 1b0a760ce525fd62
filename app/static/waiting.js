// Keeps the sign of requests that wait up to date on the host's own pages: asks for it and takes it over. A host that cannot be reached
// is asked again; one that lets its reader see the sign no more is not. A page that nobody can see asks more rarely: its title counts.
import { count } from "./header-news.js";

const EVERY_MS = 5_000;
const UNSEEN_EVERY_MS = 30_000;
/** An answer that takes longer does not come: a connection may be lost without a word. */
const LIMIT_MS = 10_000;
const sign = document.querySelector("[data-waiting]");

/** Takes the sign over. Answers whether to ask again. */
async function refresh() {
  try {
    const signal = AbortSignal.timeout?.(LIMIT_MS);
    const answer = await fetch(sign.dataset.waiting, { cache: "no-store", redirect: "manual", signal });
    if (!answer.ok) return answer.status >= 500;
    const { body } = new DOMParser().parseFromString(await answer.text(), "text/html");
    // What stays the same is not read out again, and keeps the focus.
    if (body.textContent !== sign.textContent) sign.replaceChildren(...body.childNodes);
    count();
  } catch {
    // Not now.
  }
  return true;
}

let wake;
/** Until it is time to ask, or the page is looked at again. */
const pause = () =>
  new Promise((over) => {
    wake = over;
    setTimeout(over, document.hidden ? UNSEEN_EVERY_MS : EVERY_MS);
  });
document.addEventListener("visibilitychange", () => wake?.());

do await pause();
while (await refresh());
