// The page of figures, in the time zone of the browser unless one was chosen.
const form = document.getElementById("range");
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
if (form.dataset.zone && timeZone && timeZone !== "UTC") {
  const address = new URL(location);
  address.searchParams.set("zone", timeZone);
  location.replace(address);
}
