/* The palette: Ctrl+K or Cmd+K on every page of the console. Pages come from the sidebar, everything else from the server. */
(() => {
  "use strict";

  const ADDRESS = "/palette/";
  const WAIT_MS = 120;
  const MOST_PAGES = 8;
  let dialog = null;
  let opener = null;
  let asked = null; // the question under way
  let timer = 0;

  const make = (name, attributes = {}, text = "") => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.textContent = text; // what an agent wrote stays text
    return element;
  };

  const pages = () => {
    const seen = new Map();
    for (const link of document.querySelectorAll("#nav-sidebar a[href^='/']")) {
      const name = [...link.querySelectorAll("span")].map((part) => part.textContent.trim()).filter(Boolean).pop();
      const label = name || link.textContent.trim();
      if (label) seen.set(link.getAttribute("href"), label); // the entry's name, not that of the product above it
    }
    return [...seen].map(([address, label]) => ({ kind: "Page", label, hint: "", address }));
  };
  const matching = (text) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    const found = pages().filter((page) => words.every((word) => page.label.toLowerCase().includes(word)));
    return text ? found.slice(0, MOST_PAGES) : found;
  };

  const build = () => {
    dialog = make("dialog", { class: "cs-dialog cs-palette", "aria-label": "Go to" });
    const input = make("input", {
      type: "text",
      class: "cs-palette-input",
      role: "combobox",
      "aria-label": "Go to a page, an agent or a request",
      "aria-expanded": "true",
      "aria-controls": "cs-palette-list",
      "aria-autocomplete": "list",
      placeholder: "A page, an agent, the id of a request…",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: "120",
    });
    const list = make("ul", { id: "cs-palette-list", role: "listbox", "aria-label": "Where to go" });
    const note = make("p", { class: "cs-palette-note", role: "status" });
    dialog.append(input, list, note);
    document.body.append(dialog);
    input.addEventListener("input", () => ask(input.value.trim()));
    input.addEventListener("keydown", onKey);
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) go(option);
    });
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
    dialog.addEventListener("close", () => opener?.focus?.());
  };

  const options = () => [...dialog.querySelectorAll("[role=option]")];
  const choose = (option) => {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    const input = dialog.querySelector("input");
    if (option) input.setAttribute("aria-activedescendant", option.id);
    else input.removeAttribute("aria-activedescendant");
    option?.scrollIntoView({ block: "nearest" });
  };
  const show = (lines, note) => {
    const list = dialog.querySelector("ul");
    list.replaceChildren(
      ...lines.map((line, number) => {
        const option = make("li", { role: "option", id: `cs-palette-${number}`, "data-address": line.address });
        option.append(make("span", { class: "cs-palette-kind" }, line.kind));
        const label = make("bdi", { class: "cs-palette-label" }, line.label);
        option.append(label);
        if (line.hint) option.append(make("span", { class: "cs-palette-hint" }, line.hint));
        return option;
      }),
    );
    choose(options()[0] ?? null);
    dialog.querySelector(".cs-palette-note").textContent = note;
  };
  const go = (option) => {
    const address = option.dataset.address;
    if (!address.startsWith("/") || address.startsWith("//")) return; // ours alone
    dialog.close();
    window.location.assign(address);
  };

  const ask = (text) => {
    clearTimeout(timer);
    asked?.abort();
    const known = matching(text);
    if (!text) return show(known, "");
    show(known, "Searching…");
    timer = setTimeout(() => fetchLines(text, known), WAIT_MS);
  };
  const fetchLines = async (text, known) => {
    asked = new AbortController();
    try {
      const answer = await fetch(`${ADDRESS}?q=${encodeURIComponent(text)}`, {
        signal: asked.signal,
        headers: { Accept: "application/json" },
        credentials: "same-origin",
        redirect: "error",
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const lines = [...(await answer.json()).results, ...known];
      show(lines, lines.length ? "" : "Nothing is called so. A request is found by the first eight characters of its id.");
    } catch (error) {
      if (error.name !== "AbortError") show(known, "The search did not answer. Pages still work; try again.");
    }
  };

  const onKey = (event) => {
    if (event.isComposing) return;
    const all = options();
    const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps && all.length) {
      event.preventDefault();
      choose(all[(at + steps[event.key] + all.length) % all.length]);
    } else if (event.key === "Enter" && at >= 0) {
      event.preventDefault();
      go(all[at]);
    }
  };

  const toggle = () => {
    if (!dialog) build();
    if (dialog.open) return dialog.close();
    if (document.querySelector("dialog[open]")) return;
    opener = document.activeElement;
    dialog.querySelector("input").value = "";
    dialog.showModal();
    ask("");
    dialog.querySelector("input").focus();
  };

  window.addEventListener(
    "keydown",
    (event) => {
      const isOurs = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
      if (!isOurs || event.altKey || event.shiftKey || !document.getElementById("nav-sidebar")) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!event.repeat) toggle();
    },
    true,
  );
  document.addEventListener("DOMContentLoaded", () => {
    for (const button of document.querySelectorAll("[data-palette]")) button.addEventListener("click", toggle);
  });
})();
