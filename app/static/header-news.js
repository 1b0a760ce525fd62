// What the header of the host's own pages shows as new: a line for each thing, and all of it counted in the title, in the words and the
// format of the app (`components/page_title.rs`).
import { isolated } from "./chat-text.js";

const { title, documentElement } = document;
const place = document.querySelector("[data-news-words]");
const list = place.querySelector("[data-lines]");
const lines = new Map();
const number = new Intl.NumberFormat(documentElement.lang);

export const words = JSON.parse(place.dataset.newsWords);

/** Puts values into words. What a value says is never a place for another one. */
export const filled = (words, values) =>
  words.replace(/%(\w+)%/g, (whole, name) => (name in values ? isolated(values[name]) : whole));

/** Counts everything in the header that says how much of it there is. */
export function count() {
  const counted = [...document.querySelectorAll("[data-news]")];
  const news = counted.reduce((sum, { dataset }) => sum + Number(dataset.news), 0);
  document.title = news ? filled(words.counted, { number: number.format(news), title }) : title;
}

/** Shows a line in place of an earlier one about the same, with where it leads. What stands there already is not read out again. */
export function show(about, text, href, many = 1) {
  const before = lines.get(about);
  const link = document.createElement("a");
  [link.href, link.textContent] = [href, text];
  if (before?.firstChild.isEqualNode(link) && shown(about) === many) return;
  before?.remove();
  const line = document.createElement("p");
  line.className = "connection__line connection__line--newer";
  line.dataset.news = many;
  line.append(link);
  list.append(line);
  lines.set(about, line);
  count();
}

/** How many a line says there are. */
export const shown = (about) => Number(lines.get(about)?.dataset.news ?? 0);

/** Takes the lines away that are about nothing that is still so. */
export function drop(isOver) {
  for (const [about, line] of lines) {
    if (!isOver(about)) continue;
    line.remove();
    lines.delete(about);
  }
  count();
}

count();
