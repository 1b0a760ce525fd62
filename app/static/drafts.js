// Keeps what is typed into the forms of a plain page until the host has answered that it was saved: a session that ends, a network that
// is gone and a reload take nothing. It lies in the storage of this tab, by user, path and form. A later page puts it back, says so, and
// offers to discard it. Signing out names the page (`early.js`). Never keeps passwords, files or what the page itself filled in; of
// hidden fields the version, what was shown of it, and the key alone.
const page = document.getElementById("drafts");
const { user, answer, restored, overtaken } = page.dataset;
const ALL = "sideline-form:";
const OWN = `${ALL}${user}:`;
const TITLE = document.querySelector("h1")?.textContent.trim() ?? document.title;
const SENT = `${OWN}sent`; // which form was sent last, until a page answers
const TYPED = ["checkbox", "date", "email", "number", "radio", "search", "select-one", "tel", "text", "textarea", "time", "url"];

let storage;
try {
  storage = sessionStorage;
} catch {} // forbidden: nothing is kept

const wipe = (goes) => {
  for (const key of Object.keys(storage ?? {})) if (key.startsWith(ALL) && goes(key)) storage.removeItem(key);
};
const write = (key, text) => {
  try {
    storage?.setItem(key, text);
  } catch {} // full: typing goes on
};
const draftOf = (key) => {
  try {
    return JSON.parse(storage?.getItem(key) ?? null);
  } catch {
    return null;
  }
};

const isChecked = (field) => ["checkbox", "radio"].includes(field.type);
const valueOf = (field) => (isChecked(field) ? field.checked : field.value);
// What the page came with.
const shownIn = (field) => {
  if (isChecked(field)) return field.defaultChecked;
  if (field.localName !== "select") return field.defaultValue;
  const options = [...field.options];
  return (options.find((option) => option.defaultSelected) ?? options[0])?.value ?? "";
};
const put = (field, value) => {
  if (isChecked(field)) field.checked = value;
  else field.value = value;
};

// The fields in which somebody types or chooses, by names that are the same on the next page.
const fieldsOf = (form) => {
  const fields = new Map();
  for (const field of form.elements) {
    if (!TYPED.includes(field.type) || !field.name || field.readOnly || field.closest("[data-once]")) continue;
    const name = `${field.name}=${isChecked(field) ? field.value : ""}`;
    let place = 0;
    while (fields.has(`${name}#${place}`)) place += 1;
    fields.set(`${name}#${place}`, field);
  }
  return fields;
};
const hiddenOf = (form) => [...form.elements].filter((field) => field.type === "hidden");
const each = (fields, read) => Object.fromEntries([...fields].map(([name, field]) => [name, read(field)]));

const forms = new Map();
let over = false; // signed out

const watch = (form) => {
  const fields = fieldsOf(form);
  if (!fields.size) return;
  const hidden = hiddenOf(form);
  const version = hidden.find((field) => field.name === "version");
  const base = hidden.find((field) => field.name === "base");
  const command = hidden.find((field) => field.name === "key");
  // What the form is about: what to do, and with which thing.
  const about = hidden.filter((field) => ![version, base].includes(field) && !field.name.endsWith("key"));
  const key = `${OWN}${location.pathname}:${JSON.stringify(about.map(({ name, value }) => [name, value]))}`;
  const draft = draftOf(key);
  const was = each(fields, shownIn);
  let tried = false;
  const keep = () => {
    const is = each(fields, valueOf);
    const same = Object.keys(is).every((name) => is[name] === was[name]);
    if (same) storage?.removeItem(key);
    else if (!over) {
      const seen = { version: version?.value, base: base?.value };
      write(key, JSON.stringify({ page: TITLE, was, is, tried, ...seen, key: command?.value }));
    }
  };
  const send = () => {
    // What is sent after signing out elsewhere is meant to stay: it is shown to this user alone, once they are back.
    over = false;
    tried = true;
    keep();
    write(SENT, key);
  };
  const drop = () => storage?.removeItem(key);
  forms.set(form, { keep, send, drop });
  // Who goes back in the history would find what they had typed there put back by the browser, saved or not.
  if (storage) form.autocomplete = "off";
  if (!draft) return keep(); // typed before this ran

  const typed = Object.keys(draft.is).filter((name) => fields.has(name) && draft.is[name] !== draft.was[name]);
  // The host shows the form once more, with what was typed: that counts, and is still not saved.
  // A page that is loaded again has no form that was sent, and says the same.
  const unsaved = answer && answer !== "saved";
  const answered = unsaved && storage.getItem(SENT) === key && typed.some((name) => was[name] !== draft.was[name]);
  if (answered || (unsaved && typed.every((name) => draft.is[name] === was[name]))) {
    Object.assign(was, draft.was);
    keep();
    return;
  }
  if (typed.every((name) => draft.is[name] === was[name])) {
    storage.removeItem(key);
    return;
  }
  for (const name of typed) put(fields.get(name), draft.is[name]);
  const fresh = [version?.value, base?.value, command?.value];
  const changed = version && draft.version !== undefined && draft.version !== version.value;
  // The host goes on comparing with what its writer saw, and does not do twice what it did when its answer was lost.
  if (changed) {
    version.value = draft.version;
    if (base) base.value = draft.base ?? "";
  }
  tried = draft.tried;
  if (tried && command && draft.key) command.value = draft.key;

  const line = page.content.firstElementChild.cloneNode(true);
  const [status, discard] = line.children;
  form.prepend(line);
  for (let at = form.closest("details"); at; at = at.parentElement.closest("details")) at.open = true;
  // A moment later: screen readers read out what changes in a place that is there.
  setTimeout(() => (status.textContent = changed ? overtaken : restored), 100);
  discard.addEventListener("click", () => {
    form.reset();
    if (version) version.value = fresh[0];
    if (base) base.value = fresh[1];
    if (command) command.value = fresh[2];
    tried = false;
    keep();
    line.remove();
    fields.values().next().value.focus();
  });
};

wipe((key) => !key.startsWith(OWN));
const sent = storage?.getItem(SENT);
// A page whose form is gone shows itself what was typed, and will never have that form again.
if (sent && ["saved", "gone"].includes(answer)) storage.removeItem(sent);
for (const form of document.forms) if (form.method === "post") watch(form);
// A question on the way to saving leaves it open.
if (answer !== "step") storage?.removeItem(SENT);

for (const type of ["input", "change"]) addEventListener(type, ({ target }) => forms.get(target.form)?.keep());
addEventListener("submit", (event) => {
  if (event.defaultPrevented) return;
  const form = forms.get(event.target);
  if (form) form.send();
  else if (answer !== "step") storage?.removeItem(SENT);
});
// Who wants to see what is stored gives up what they typed here.
for (const link of document.querySelectorAll("a[data-discards]"))
  link.addEventListener("click", () => forms.forEach(({ drop }) => drop()));
// Another tab of this browser says that the user signs out.
addEventListener("storage", ({ key }) => {
  if (key !== "sideline-signed-out") return;
  over = true;
  wipe(() => true);
});
