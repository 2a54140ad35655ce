/* What pages do beyond links and forms: everything works without it. */
"use strict";

// Copy what another element shows, with its italics where a program takes them.
for (const button of document.querySelectorAll("button[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  const words = button.textContent;
  button.addEventListener("click", async () => {
    const shown = document.getElementById(button.dataset.copy);
    const lines = shown.matches("ol") ? [...shown.children] : [shown];
    const text = lines.map((one) => one.textContent.trim()).join("\n");
    const html = lines.map((one) => `<p>${one.innerHTML.replace(/<\/?bdi[^>]*>/g, "")}</p>`).join("\n");
    const as = (type, content) => ({ [type]: new Blob([content], { type }) });
    if (window.ClipboardItem && !shown.matches("a")) {
      const item = new ClipboardItem({ ...as("text/plain", text), ...as("text/html", html) });
      await navigator.clipboard.write([item]);
    } else {
      await navigator.clipboard.writeText(text);
    }
    button.textContent = button.dataset.done;
    setTimeout(() => { button.textContent = words; }, 2000);
  });
}

// The selection: marked records are kept in this browser, from page to page.
const KEPT = "selection";
const MOST_KEPT = 200;  // as the server takes
const stored = () => {
  try {
    const ids = JSON.parse(localStorage.getItem(KEPT) || "[]");
    return Array.isArray(ids) ? ids.filter((id) => /^[a-z0-9-]+$/.test(id)) : [];
  } catch { return []; }  // what is kept is none of ours
};
const keeps = () => {
  try {
    localStorage.setItem(KEPT, JSON.stringify(stored()));
    return true;
  } catch { return false; }  // a browser that keeps nothing
};
const selection = document.querySelector("[data-selection]");
if (selection && keeps()) {
  const word = selection.textContent;
  const page = new URL(selection.href);
  const marks = document.querySelectorAll("[data-mark]");
  const show = () => {
    const ids = stored();
    selection.textContent = ids.length ? `${word} (${ids.length})` : word;
    const lang = page.searchParams.get("lang");
    const parts = [ids.length && `ids=${ids.join(".")}`, lang && `lang=${lang}`].filter(Boolean);
    selection.href = page.pathname + (parts.length ? `?${parts.join("&")}` : "");
    for (const mark of marks) {
      const marked = ids.includes(mark.dataset.mark);
      mark.disabled = !marked && ids.length >= MOST_KEPT;
      if (mark.type === "checkbox") { mark.checked = marked; continue; }
      mark.dataset.words ??= mark.textContent;
      mark.hidden = false;
      mark.setAttribute("aria-pressed", marked);
      mark.textContent = marked ? mark.dataset.marked : mark.dataset.words;
    }
  };
  const keep = (ids) => {
    localStorage.setItem(KEPT, JSON.stringify([...new Set(ids)].slice(0, MOST_KEPT)));
    show();
  };
  for (const mark of marks) {
    const change = () => {
      const id = mark.dataset.mark;
      const ids = stored();
      keep(ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id]);
    };
    mark.addEventListener(mark.type === "checkbox" ? "change" : "click", change);
  }
  const shown = (new URLSearchParams(location.search).get("ids") || "").split(".").filter(Boolean);
  for (const link of document.querySelectorAll("[data-unmark]")) {
    const id = link.dataset.unmark;
    const gone = id === "*" ? shown : [id];
    link.addEventListener("click", () => keep(stored().filter((one) => !gone.includes(one))));
  }
  document.getElementById("marked")?.addEventListener("submit", (event) => {
    event.preventDefault();
    location.href = selection.href;
  });
  for (const button of document.querySelectorAll("[data-keep]")) {
    button.hidden = shown.join() === stored().join();
    button.addEventListener("click", () => { keep(shown); button.hidden = true; });
  }
  window.addEventListener("storage", show);  // another tab
  window.addEventListener("pageshow", show);  // back from another page
  show();
}

// Hide values that do not contain what is typed, where the page has all of them.
const fold = (text) => text.normalize("NFKD").replace(/\p{Mn}/gu, "").toLowerCase();
for (const form of document.querySelectorAll("form[data-filter]")) {
  const list = document.getElementById(form.dataset.filter);
  const field = form.querySelector("input[type=search]");
  if (!list) continue;
  const values = [...list.children].map((one) => [one, fold(one.querySelector("bdi").textContent)]);
  field.addEventListener("input", () => {
    const wanted = fold(field.value.trim());
    for (const [one, text] of values) one.hidden = !text.includes(wanted);
    document.getElementById("none").hidden = values.some(([one]) => !one.hidden);
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
