// Files of the conversation: pictures of a fixed size, and rows with a name. As `attached` in server/src/channels/webchat/lines.rs.
import { add } from "./chat-text.js";

const KINDS = { "text/plain": "TXT", "image/webp": "WebP" };
// As `kind_name` in shared/src/files.rs.
const kindOf = (type, name) =>
  KINDS[type] ?? (type === "application/octet-stream" ? name.split(".").at(-1) : type.split("/")[1]).toUpperCase();

// Where no cookie is sent, an address alone finds nothing: the content is fetched with `ask`, and lasts as long as the page.
export const fetched = (link, ask) => {
  const address = link.getAttribute("href"), image = link.querySelector("img");
  const get = async () => {
    // A large file takes its time on a slow network.
    const answer = await ask(address, { signal: AbortSignal.timeout?.(33e4) }).catch(() => {});
    const content = answer?.ok && (await answer.blob().catch(() => {}));
    if (!content) return false;
    link.href = URL.createObjectURL(content);
    if (image) image.src = link.href;
    return true;
  };
  link.removeAttribute("target");
  if (image) link.download = image.alt, get();
  link.addEventListener("click", async (event) => {
    if (link.href.startsWith("blob:")) return;
    event.preventDefault();
    if (await get()) link.click();
  });
};

const row = (link, name, about) => {
  link.download = name;
  add(link, "bdi", "", name);
  link.append(" ");
  add(link, "span", "", about);
};

// What only begins like a picture is a row like any other file. A picture that was not found may still come.
export const unpictured = async (image) => {
  const link = image.closest(".file--picture");
  if (!link || !(image.src.startsWith("blob:") || (await fetch(image.src).catch(() => {}))?.ok)) return;
  link.classList.remove("file--picture");
  link.removeAttribute("target");
  image.remove();
  row(link, image.alt, link.dataset.about);
};

// A file that came with a message, with its size in words; `ask`: see above.
export const attached = (path, { id, name, media_type: type }, size, ask) => {
  const link = add(null, "a", "file");
  link.href = `${path}/${id}`;
  const about = `${kindOf(type, name)}, ${size}`;
  if (type.startsWith("image/")) {
    const image = add(link, "img");
    link.classList.add("file--picture");
    link.dataset.about = about;
    [link.target, link.rel] = ["_blank", "noopener"];
    [image.alt, image.loading, image.decoding] = [name, "lazy", "async"];
    if (!ask) image.src = link.href;
  } else {
    row(link, name, about);
  }
  if (ask) fetched(link, ask);
  return link;
};
