// Keeps the sign of requests that wait up to date on the host's own pages: asks for it and takes it over. A host that cannot be reached
// is asked again; one that lets its reader see the sign no more is not. While nobody can see the page nothing is asked.
const EVERY_MS = 5000;
const sign = document.querySelector("[data-waiting]");

async function refresh() {
  if (document.hidden) {
    document.addEventListener("visibilitychange", refresh, { once: true });
    return;
  }
  try {
    const answer = await fetch(sign.dataset.waiting, { cache: "no-store", redirect: "manual" });
    if (answer.ok) {
      const { body } = new DOMParser().parseFromString(await answer.text(), "text/html");
      // What stays the same is not read out again, and keeps the focus.
      if (body.textContent !== sign.textContent) sign.replaceChildren(...body.childNodes);
    } else if (answer.status < 500) {
      return;
    }
  } catch {
    // Not now.
  }
  setTimeout(refresh, EVERY_MS);
}

setTimeout(refresh, EVERY_MS);
