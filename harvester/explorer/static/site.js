/* What pages do beyond links and forms: everything works without it. */
"use strict";

// Copy what another element shows.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  const words = button.textContent;
  button.addEventListener("click", async () => {
    const text = document.getElementById(button.dataset.copy).textContent.trim();
    await navigator.clipboard.writeText(text);
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = words; }, 2000);
  });
}

// Hide values that do not contain what is typed; the form asks the server for those of other pages.
const fold = (text) => text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();
for (const form of document.querySelectorAll("form[data-filter]")) {
  const list = document.getElementById(form.dataset.filter);
  const field = form.querySelector("input[type=search]");
  if (!list) continue;
  const values = [...list.children].map((one) => [one, fold(one.querySelector("bdi").textContent)]);
  field.addEventListener("input", () => {
    const wanted = fold(field.value.trim());
    for (const [one, text] of values) one.hidden = !text.includes(wanted);
  });
}

// The filters on a narrow screen: Escape closes them, and the focus goes where it came from.
const filters = document.getElementById("filters");
if (filters) {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || location.hash !== "#filters") return;
    location.hash = "#main";
    document.querySelector(".tofilters").focus();
  });
}
