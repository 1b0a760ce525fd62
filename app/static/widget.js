// A chat on a page of your own: a launcher and a frame with the chat page.
//   <script async src="https://desk.example.com/widget.js" data-channel="KEY"></script>
//   Sideline.open({ channel: "KEY", name, email, identity: { user_id, hash } }); Sideline.close();
// It needs no dependency, no inline style and no eval. The page's origin has to be among the channel's allowed ones.
(() => {
  const script = document.currentScript;
  const base = new URL(script.src).origin;
  const SILENT = 8e3; // after how many milliseconds a frame that loaded and says nothing is none
  const style = new CSSStyleSheet();
  style.replaceSync(`
    :host { all: initial; }
    @media print { :host { display: none; } }
    [hidden] { display: none !important; }
    button { position: fixed; z-index: 2147483000; inset-block-end: 1rem; inset-inline-end: 1rem; inline-size: 3.5rem;
      block-size: 3.5rem; padding: 0; border: 2px solid #fff; border-radius: 50%; background: #155fa8; color: #fff; cursor: pointer;
      font: 600 0.8125rem/1 system-ui, sans-serif; box-shadow: 0 4px 16px rgb(10 20 40 / 0.3); }
    button:hover { background: #0f4f8f; }
    button:focus-visible { outline: 3px solid #155fa8; outline-offset: 3px; }
    svg { inline-size: 1.75rem; block-size: 1.75rem; fill: currentColor; vertical-align: middle; }
    b { position: absolute; inset-block-start: -0.375rem; inset-inline-end: -0.375rem; min-inline-size: 1.375rem; padding: 0.25rem;
      box-sizing: border-box; border: 2px solid #fff; border-radius: 1rem; background: #b5173f; }
    [role="status"] { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
    iframe { position: fixed; z-index: 2147483001; inset-block-end: 5.25rem; inset-inline-end: 1rem; border: 1px solid #7d8898;
      border-radius: 14px; background: Canvas; inline-size: min(24rem, 100vw - 2rem); block-size: min(40rem, 100vh - 6.5rem);
      box-shadow: 0 16px 40px -8px rgb(10 20 40 / 0.4); }
    @media (max-width: 30rem), (max-height: 30rem) {
      iframe { inset: 0; inline-size: 100%; block-size: 100%; border: 0; border-radius: 0; }
    }`);
  const add = (parent, name, namespace) => parent.appendChild(
    namespace ? document.createElementNS(namespace, name) : document.createElement(name));
  // What is read is what is stored now: other tabs write as well. Where the page may keep nothing, it lasts as long as the page.
  const item = (where, name) => {
    let unkept;
    return {
      read: () => { try { return unkept ?? JSON.parse(window[where].getItem(name)) ?? {}; } catch { return {}; } },
      write: (value) => {
        try {
          value ? window[where].setItem(name, JSON.stringify(value)) : window[where].removeItem(name);
          unkept = undefined;
        } catch { unkept = value || undefined; }
      },
    };
  };

  const show = (options) => {
    const { channel, name, email, identity } = options;
    // Who this is and how far they read are items of their own, so that no tab overwrites the one with the other.
    const at = `sideline ${base} ${channel}`;
    const kept = item("localStorage", at), sight = item("localStorage", `${at} seen`), tab = item("sessionStorage", at);
    const host = add(document.body, "div");
    const root = host.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [style];
    const launcher = add(root, "button"), said = add(root, "span"), frame = add(root, "iframe");
    launcher.type = "button";
    launcher.hidden = frame.hidden = true;
    const space = "http://www.w3.org/2000/svg", picture = add(launcher, "svg", space);
    picture.setAttribute("viewBox", "0 0 24 24");
    picture.setAttribute("aria-hidden", "true");
    add(picture, "path", space).setAttribute("d", "M4 3h16a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2H9l-5 4v-4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2z");
    const badge = add(launcher, "b");
    said.setAttribute("role", "status");

    let words, open = false, wanted = !!tab.read().open, count = 0, silent, gone = false;
    const known = () => ({ token: identity ? "" : kept.read().token, seen: sight.read().seen });
    const tell = (sideline, more) => frame.contentWindow?.postMessage({ ...more, sideline }, base);
    const draw = () => {
      const news = count ? words.news.replace("{number}", count) : "";
      launcher.setAttribute("aria-label", open ? words.close : [words.launcher, news].filter(Boolean).join(". "));
      launcher.setAttribute("aria-expanded", open);
      badge.hidden = !count || open;
      badge.textContent = count > 99 ? "99+" : count;
      if (said.textContent !== news) said.textContent = news;
    };
    const turn = (to) => {
      wanted = to;
      if (!words || open === to) return;
      open = to;
      frame.hidden = !open;
      // Nothing is kept of somebody who only looks.
      if (known().seen) tab.write(open && { open });
      draw();
      tell("shown", { open });
      if (open) frame.focus();
      else if (document.activeElement === host || document.activeElement === document.body) launcher.focus();
    };
    const remove = () => {
      gone = true;
      clearTimeout(silent);
      removeEventListener("message", hear);
      removeEventListener("storage", changed);
      host.remove();
    };
    const fail = (why) => console.error(`Sideline: ${why}`);
    const acts = {
      ready: (data) => {
        clearTimeout(silent);
        words = data;
        frame.title = words.launcher;
        launcher.hidden = false;
        draw();
        tell("kept", known()); // what changed since hello
        turn(wanted);
      },
      keep: ({ token, seen }) => {
        if (token) kept.write({ token });
        // Somebody who was forgotten in another tab is not written down again.
        if (!identity && !kept.read().token) return;
        sight.write({ seen });
        tab.write(open && { open });
      },
      forget: ({ token }) => {
        // Another tab may have begun as somebody else by now.
        if (token && ![token, undefined].includes(kept.read().token)) return;
        for (const one of [kept, sight, tab]) one.write();
      },
      unread: (data) => { count = data.count; if (words) draw(); },
      close: () => turn(false),
      refused: ({ reason }) => fail(reason),
    };
    const hear = ({ origin, source, data }) => {
      if (origin !== base || source !== frame.contentWindow || typeof data?.sideline !== "string") return;
      if (Object.hasOwn(acts, data.sideline)) acts[data.sideline](data);
    };
    // Another tab of this origin keeps somebody, or was forgotten.
    const changed = ({ key }) => { if (words && (key === null || key === at)) tell("kept", known()); };
    addEventListener("message", hear);
    addEventListener("storage", changed);
    launcher.addEventListener("click", () => turn(!open));
    frame.addEventListener("load", () => {
      if (gone) return;
      tell("hello", { ...known(), identity, name, email, open });
      clearTimeout(silent);
      if (!words) silent = setTimeout(() => {
        fail(`the chat ${channel} cannot be shown here. Either ${location.origin} is not among its allowed origins, or there is no such chat at ${base}, or it cannot be reached.`);
        remove();
        if (shown?.remove === remove) shown = undefined;
      }, SILENT);
    });
    frame.src = `${base}/chat/${encodeURIComponent(channel)}/embed`;
    const id = JSON.stringify([channel, name, email, identity]);
    return { id, turn, remove };
  };

  let shown;
  const use = (options) => {
    const { channel, name, email, identity } = options;
    if (!channel) return console.error("Sideline: a channel is needed, as open({ channel: \"KEY\" }).");
    if (shown?.id !== JSON.stringify([channel, name, email, identity])) {
      shown?.remove();
      shown = show({ channel, name, email, identity });
    }
    return shown;
  };
  const { channel, name, email, userId, userHash } = script.dataset;
  const given = { channel, name, email, identity: userId && { user_id: userId, hash: userHash ?? "" } };
  window.Sideline = {
    open: (options = {}) => (options.channel || !shown ? use({ ...given, ...options }) : shown)?.turn(true),
    close: () => shown?.turn(false),
  };
  if (channel) document.body ? use(given) : addEventListener("DOMContentLoaded", () => use(given));
})();
