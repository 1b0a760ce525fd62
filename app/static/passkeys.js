// Asks the device for a passkey, or for a new one, and sends its answer with the form. The question and the words stand in
// the form's data; without this script the form has no button.
"use strict";
(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form) return;
  const { dataset: data, elements } = form;
  const creates = data.passkey === "create";
  const button = form.querySelector("button");
  const problem = form.querySelector("[data-problem]");
  const say = (word) => {
    problem.hidden = false;
    problem.textContent = data[word];
  };

  const known = window.PublicKeyCredential;
  const parse = creates ? known?.parseCreationOptionsFromJSON : known?.parseRequestOptionsFromJSON;
  if (!isSecureContext) return say("insecure");
  if (!parse || !known.prototype.toJSON || !navigator.credentials) return say("unsupported");
  problem.hidden = true;
  problem.textContent = "";
  button.hidden = false;

  // Browsers do not tell a user who cancelled from a device without a passkey, so that no page learns which it is.
  const why = ({ name }, waited) =>
    name === "InvalidStateError" && creates ? "known"
    : name === "ConstraintError" ? "unverified"
    : name === "NotSupportedError" ? "unsupported"
    : name === "TimeoutError" || (name === "NotAllowedError" && waited) ? "timeout"
    : name === "NotAllowedError" || name === "AbortError" ? "stopped"
    : "failed";

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    problem.hidden = true;
    problem.textContent = "";
    const began = performance.now();
    let publicKey;
    try {
      publicKey = parse.call(known, JSON.parse(data.options));
      const answer = await navigator.credentials[creates ? "create" : "get"]({ publicKey });
      elements.namedItem("credential").value = JSON.stringify(answer); // by its toJSON
      form.submit();
    } catch (error) {
      say(why(error, performance.now() - began >= publicKey?.timeout));
      button.disabled = false;
      button.focus();
    }
  });
})();
