// Asks before a plain page is left that holds what nobody can bring back: words that were typed into a form and not sent, and what
// is shown once and was neither copied nor saved, and of which nobody has said that they keep it (`data-kept`). The browser words the
// question.
let sent = null;
let kept = false;

// A password is typed again in a moment, and hidden fields are the page's own.
const differs = (field) => {
  if (["hidden", "password"].includes(field.type)) return false;
  if (["checkbox", "radio"].includes(field.type)) return field.checked !== field.defaultChecked;
  if (field.localName !== "select") return "defaultValue" in field && field.value !== field.defaultValue;
  const first = [...field.options].findIndex((option) => option.defaultSelected);
  return field.selectedIndex !== Math.max(first, 0);
};

addEventListener("submit", (event) => {
  if (!event.defaultPrevented) sent = event.target;
});
addEventListener("copy", () => {
  kept = true;
});
addEventListener("click", ({ target }) => {
  if (target.closest?.("[data-copy], [data-kept], a[download]")) kept = true;
});
addEventListener("beforeunload", (event) => {
  const others = [...document.forms].filter((form) => form !== sent && form.method === "post");
  // Who stays after the question may leave by another way.
  sent = null;
  const typed = others.some((form) => [...form.elements].some(differs));
  const once = !kept && document.querySelector("[data-once]");
  if (typed || once) event.preventDefault();
});
