// Texts of the chat page: times, links, directions, and what can be seen at all.

// As the visitor writes it in the language of the page: 4:23 AM, 04:23; with the day, and with the year of another one.
const { lang } = document.documentElement;
const locale = navigator.languages.find((tag) => tag.split("-")[0] === lang) ?? lang;
const ofToday = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const withDay = { month: "short", day: "numeric", hour: "numeric", minute: "2-digit" };
const ofThisYear = new Intl.DateTimeFormat(locale, withDay);
const ofOtherYears = new Intl.DateTimeFormat(locale, { ...withDay, year: "numeric" });
export const opening = (date) => new Intl.DateTimeFormat(locale, {
  weekday: "long", hour: "numeric", minute: "2-digit",
  ...(date - Date.now() > 6 * 864e5 && { month: "long", day: "numeric" }),
}).format(date);
let today = new Date();
export const written = (date) => (date.toDateString() === today.toDateString() ? ofToday
  : date.getFullYear() === today.getFullYear() ? ofThisYear : ofOtherYears).format(date);
export const clock = (time) => {
  time.textContent = written(new Date(time.dateTime));
  time.className = "";
};
// Another day than at the last time: what was today is yesterday.
export const newDay = () => {
  const now = new Date();
  if (now.toDateString() === today.toDateString()) return false;
  today = now;
  return true;
};

export const add = (parent, tag, cls, content) => {
  const node = document.createElement(tag);
  if (cls) node.className = cls;
  if (content) node.textContent = content;
  parent?.append(node);
  return node;
};

// A text with its links: addresses of the web, without the punctuation behind them. As shared/src/links.rs.
export const write = (node, text) => {
  const addresses =
    /(?:https?:\/\/|www\.)[^\s\p{Cc}<>"`«»‹›“”„‟\u3000-\u303f\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65\u200b-\u200f\u202a-\u202e\u2060-\u206f]+/giu;
  const count = (link, sign) => link.split(sign).length;
  let words = 0, found;
  node.replaceChildren();
  while ((found = addresses.exec(text))) {
    let [link] = found;
    for (;;) {
      const last = link.at(-1), open = { ")": "(", "]": "[", "}": "{" }[last];
      if (open ? count(link, last) <= count(link, open) : !".,;:!?'*_~|…’‘،؛؟۔·".includes(last)) break;
      link = link.slice(0, -1);
    }
    const named = /^www\./i.test(link);
    const [host] = link.replace(/^(?:https?:\/\/|www\.)/i, "").split(/[/?#]/);
    const begins = !/[a-z0-9]/i.test(text[found.index - 1] ?? "") && /^[\p{Alphabetic}\p{N}[]/u.test(host);
    if (!begins || (named && !host.includes("."))) {
      addresses.lastIndex = found.index + 1;
      continue;
    }
    node.append(text.slice(words, found.index));
    const a = add(node, "a", "", link);
    [a.href, a.target, a.rel] = [named ? `https://${link}` : link, "_blank", "noopener noreferrer"];
    words = addresses.lastIndex = found.index + link.length;
  }
  node.append(text.slice(words));
};

// A name from right to left is laid out for itself. As `isolated` in shared/src/text.rs.
export const isolated = (name) =>
  /[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u.test(name) ? `\u2068${name}\u2069` : name;

// Whether anybody would see it. As `is_visible` in shared/src/text.rs.
export const isVisible = (text) =>
  /[^\p{M}\p{Z}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffc\u{1d159}]/u.test(text);
