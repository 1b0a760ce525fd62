// Loaded first: applies the theme before anything is painted, keeps from the page the keys that are not meant for it, keeps
// what people do before the app can answer, and the focus of the keyboard in its place. Links, native forms and typing work
// on their own and are not touched. `sidelineReady()` hands over, once.
"use strict";
window.sidelineReady ||= (() => {
  const root = document.documentElement;
  try {
    const kept = location.pathname === "/login" && /[?&]theme=(light|dark)$/.exec(location.search);
    if (kept) localStorage.setItem("sideline-theme", kept[1]); // signing out cleared the storage
    // What forms of plain pages kept (`drafts.js`) goes with who signs out; a session that merely ended leaves it.
    const out = location.pathname === "/login" && /^($|\?theme=|\?error=signed_out)/.test(location.search);
    for (const key of out ? Object.keys(sessionStorage) : []) if (key.startsWith("sideline-form:")) sessionStorage.removeItem(key);
    const theme = localStorage.getItem("sideline-theme");
    if (/^(light|dark)$/.test(theme)) root.dataset.theme = theme;
  } catch {} // no storage: the system decides

  // What was typed into forms of plain pages lies in the tabs where that was (`drafts.js`). Who signs out hears from all of them on which
  // pages, as far as the browser has not put them to sleep. Several questions may be under way: an answer names its question and its tab,
  // and each tab counts once.
  const ANSWERS_MS = 300;
  const randomId = () => crypto.getRandomValues(new Uint32Array(4)).join("-");
  const formsOf = (user) => {
    try {
      const drafts = Object.entries(sessionStorage).filter(([key]) => key.startsWith(`sideline-form:${user}:/`));
      return drafts.map(([, draft]) => JSON.parse(draft).page);
    } catch {
      return []; // no storage: nothing is kept
    }
  };
  const thisTab = randomId();
  const questions = new Map(); // each with the pages of the tabs that have answered
  let tabs;
  try {
    tabs = new BroadcastChannel("sideline-forms");
    tabs.onmessage = ({ data: { question, user, tab, pages } }) => {
      if (pages) questions.get(question)?.set(tab, pages);
      else tabs.postMessage({ question, tab: thisTab, pages: formsOf(user) });
    };
  } catch {} // an old browser: this tab alone answers
  window.sidelineForms = async (user) => {
    const question = randomId();
    const answers = new Map([[thisTab, formsOf(user)]]);
    questions.set(question, answers);
    tabs?.postMessage({ question, user });
    await new Promise((resolve) => setTimeout(resolve, ANSWERS_MS));
    questions.delete(question);
    return [...answers.values()].flat();
  };

  // Days of a search are days here: its hidden box takes the browser's zone. What goes on with days that are shown, or saves
  // them, keeps theirs.
  addEventListener("formdata", ({ target, formData }) => {
    const { zone } = target.elements;
    if (zone?.type !== "hidden") return;
    const goesOn = zone.value && ["before", "format"].some((name) => formData.has(name));
    if (!formData.get("from") && !formData.get("to")) formData.delete("zone");
    else if (!goesOn) formData.set("zone", Intl.DateTimeFormat().resolvedOptions().timeZone ?? "UTC");
  });

  // What the browser kept of a page that was left may be another user's by now.
  addEventListener("pageshow", (event) => event.persisted && location.reload());

  // The keys of an input method choose words. Safari ends the composition before the key that ended it arrives, which
  // only the code 229 shows. Here and not in each handler, so that none can forget it.
  // Without a keyboard Enter is the only way to a new line; the button sends.
  const touch = matchMedia("(pointer: coarse) and (hover: none)");
  addEventListener("keydown", (event) => {
    const { key, target } = event;
    const composes = event.isComposing || event.keyCode === 229;
    const breaks = key === "Enter" && target.localName === "textarea" && touch.matches && !event.ctrlKey && !event.metaKey;
    if (composes || breaks) event.stopImmediatePropagation();
    if (composes && key === "Escape") event.preventDefault(); // closes the browser's own dialogs
  }, true);

  // Where the on-screen keyboard covers the page instead of making it smaller, the page makes room for it.
  const { visualViewport: seen } = window;
  seen?.addEventListener("resize", () => {
    const covered = seen.scale === 1 && innerHeight - seen.height > 120;
    if (!covered) return root.style.removeProperty("--seen");
    root.style.setProperty("--seen", `${seen.height}px`);
    scrollTo(0, 0);
  });

  // What is being written stays in sight when the keyboard comes.
  addEventListener("resize", () => {
    const { activeElement: box } = document;
    if (box?.localName === "textarea") box.scrollIntoView({ block: "nearest" });
  });

  // What has the keyboard's focus may go with its row, its question or its pop-up: the keyboard goes on with what stands
  // there next, not at the top of the page. Where the app itself puts the focus comes first. A pointer needs none of this.
  // Who was writing goes on typing: they come to a place where letters do nothing, and until the focus is elsewhere the page is marked
  // with the name of their box (`keyboard.rs`).
  let held, gone, place, waits, rest;
  const lost = () => [document.body, null].includes(document.activeElement);
  const { dataset } = root;
  const mark = () => {
    const wrote = !("done" in dataset) && held.matches("textarea,input:not([type=checkbox],[type=radio])");
    if (wrote && lost()) dataset.wrote = held.getAttribute("aria-label") ?? "";
  };
  const unmark = () => {
    rest = null;
    delete dataset.wrote;
  };
  // Not what saves a file: Enter would do so for somebody who goes on with the keyboard.
  const usable = "a[href]:not([download]),button,input,select,textarea,summary,[tabindex]";
  const still = "[tabindex]:not(a,button,input,select,textarea,summary,tr)";
  const take = (node, wanted = "wrote" in dataset ? still : usable) => {
    // Nor the box of a row, which would unfold.
    const takes = (one) => one.matches(wanted) && !one.closest(".pop-up--folded > .pop-up__box");
    const focus = (one) => {
      rest = wanted === still ? one : null;
      one.focus();
      return !lost();
    };
    const all = node.querySelectorAll ? [node, ...node.querySelectorAll(wanted)] : [];
    all.find((one) => takes(one) && one.checkVisibility({ visibilityProperty: true }) && focus(one));
    return !lost();
  };
  const goOn = () => {
    if (!held || !lost() || take(held, usable)) return; // a pointer may have come meanwhile
    mark();
    let [at, next, before] = place;
    for (; at?.matches && !at.matches("main,body"); [at, next, before] = [at.parentNode, at.nextSibling, at.previousSibling]) {
      for (; next; next = next.nextSibling) if (take(next)) return;
      for (; before; before = before.previousSibling) if (take(before)) return;
      if (at.matches("[tabindex]") && take(at)) return;
      if (at.matches(".pop-ups,.toasts")) break;
    }
    rest = document.getElementById("main");
    rest?.focus();
  };
  addEventListener("pointerdown", () => {
    held = null;
    unmark();
  }, true);
  addEventListener("keydown", ({ key, target }) => {
    // Nothing more is typed there then (`dialog.rs`).
    root.toggleAttribute("data-done", key === "Escape" || (key === "Enter" && target.localName === "input"));
    if (!lost()) held = gone = document.activeElement;
  }, true);
  addEventListener("focusin", ({ target }) => {
    if (target !== rest) unmark();
    held = gone = target === rest || target.matches(":focus-visible") ? target : null;
  }, true);
  new MutationObserver((records) => {
    for (const { target, attributeName, removedNodes, nextSibling, previousSibling } of held ? records : []) {
      if (attributeName === "disabled") {
        if (target === held && !target.disabled && lost()) target.focus();
        continue;
      }
      if (attributeName && target.hidden && target.contains(held)) {
        [gone, place] = [target, [target.parentNode, target.nextSibling, target.previousSibling]];
      } else if ([...removedNodes].some((node) => node.contains(gone))) {
        [gone, place] = [target, [target, nextSibling, previousSibling]];
      } else continue;
      mark();
      clearTimeout(waits);
      waits = setTimeout(goOn, 100);
    }
  }).observe(root, { subtree: true, childList: true, attributeFilter: ["disabled", "hidden"] });

  const acts = ["click", "dblclick", "contextmenu", "keydown", "submit"];
  const native = "a,input,select,textarea,label,summary";
  const kept = [];
  const fields = new Map();

  const keep = (event) => {
    const { type, target, key } = event;
    const within = (selector) => target.closest?.(selector);
    const button = within("button");
    const submits = button?.form && button.type === "submit"; // its submit event follows
    const wanted =
      type === "click" ? !within(native) && !submits && kept.at(-1)?.target !== target // twice asks for the same
      : type === "dblclick" ? !within(native)
      : type === "contextmenu" ? within("[data-menu]")
      : type === "submit" ? !target.hasAttribute("action")
      : key === "Enter" ? !event.shiftKey &&
          (within("textarea") ? within(".composer") : !within(native) && !button && within("[data-menu],[role=row],[tabindex]"))
      : (key === "ContextMenu" || (key === "F10" && event.shiftKey)) && within("[data-menu]");
    if (!wanted) return;
    if (type !== "click") event.preventDefault();
    kept.push(event);
  };
  const note = ({ target }) => fields.set(target, [target.value, target.checked]);
  for (const type of acts) addEventListener(type, keep, true);
  addEventListener("input", note, true);

  return () => {
    if (root.dataset.ready) return;
    root.dataset.ready = "true";
    for (const type of acts) removeEventListener(type, keep, true);
    // A task later: the app sets its fields at the end of this one, and would overwrite what was typed.
    setTimeout(() => {
      removeEventListener("input", note, true);
      for (const [field, [typed, checked]] of fields) {
        // What the app put there meanwhile is a draft from before; neither may be lost.
        const draft = field.localName === "textarea" && !typed.includes(field.value) ? field.value + "\n" : "";
        const value = draft + typed;
        if (field.value !== value) field.value = value;
        if (field.checked !== checked) field.checked = checked;
        for (const type of ["input", "change"]) field.dispatchEvent(new Event(type, { bubbles: true }));
      }
      for (const event of kept) {
        const { type, target } = event;
        if (!target.isConnected) continue;
        if (type === "submit") target.requestSubmit(event.submitter);
        else target.dispatchEvent(new event.constructor(type, event));
      }
    });
  };
})();
