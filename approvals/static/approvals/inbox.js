/* The inbox: move, select and decide by keys. Without it the boxes and buttons do the same by hand. */
(() => {
  "use strict";

  const READING_MS = 600; // a key still held from the page before decides nothing here
  const loadedAt = performance.now();

  const start = () => {
    const list = document.querySelector("[data-list]");
    if (!list) return;
    const form = list.querySelector("form[data-batch]");
    const bar = list.querySelector("[data-batch-bar]");
    const said = list.querySelector("[data-say]");
    const deny = list.querySelector("[data-deny-batch]");
    let anchor = null; // where Shift+X begins
    let last = null; // where J and K were, to go back to when the bar goes away with the focus in it

    /* ---- what can be moved to: rows that are seen, and the heads of groups ---- */
    const isSeen = (element) => {
      const fold = element.closest("details[data-fold]");
      return !fold || fold.open || element.matches("summary");
    };
    const stops = () => [...list.querySelectorAll("[data-row] .cs-row-link, summary.cs-group-head")].filter(isSeen);
    const here = () => {
      const active = document.activeElement;
      const row = active?.closest("[data-row]");
      if (row) return row.querySelector(".cs-row-link");
      const group = active?.closest("[data-group]");
      return group ? group.querySelector("summary") : null;
    };
    const moveTo = (step) => {
      const all = stops();
      if (!all.length) return null;
      const at = all.indexOf(here());
      const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.min(Math.max(at + step, 0), all.length - 1)];
      next.focus();
      next.closest("[data-row], summary").scrollIntoView({ block: "nearest" });
      return next;
    };

    /* ---- what is selected ---- */
    const boxes = () => [...list.querySelectorAll("input[data-pick]")];
    const picked = () => boxes().filter((box) => box.checked);
    const boxOf = (stop) => stop?.closest("[data-row]")?.querySelector("input[data-pick]") ?? null;
    const alike = (group) => [...group.querySelectorAll("details[data-fold] input[data-pick]")];
    const say = (words) => {
      if (said) said.textContent = words;
    };
    const show = () => {
      if (!form) return;
      const count = picked().length;
      const words = count === 1 ? "1 request" : `${count} requests`;
      bar.classList.toggle("cs-batch-empty", count === 0);
      for (const number of bar.querySelectorAll("[data-count]")) number.textContent = String(count);
      for (const place of bar.querySelectorAll("[data-count-words]")) place.textContent = String(count);
      bar.querySelector("[data-clear]").hidden = count === 0;
      if (count === 0 && deny) deny.open = false;
      for (const group of list.querySelectorAll("[data-group]")) {
        const box = group.querySelector("input[data-pick-group]");
        const all = alike(group);
        const on = all.filter((item) => item.checked).length;
        box.checked = all.length > 0 && on === all.length;
        box.indeterminate = on > 0 && on < all.length;
      }
      say(`${words} selected`);
    };
    const pick = (box, on) => {
      if (!box) return;
      box.checked = on;
      anchor = box;
    };
    const toggle = (stop) => {
      const target = stop ?? here();
      if (!target) return;
      if (target.matches("summary")) {
        const all = alike(target.closest("[data-group]"));
        const on = !all.every((box) => box.checked);
        for (const box of all) box.checked = on;
      } else if (boxOf(target)) {
        pick(boxOf(target), !boxOf(target).checked);
      } else {
        say("This one needs a look of its own. Press Enter to open it.");
        return;
      }
      show();
    };
    const selectSince = () => {
      const all = boxes().filter(isSeen);
      const to = all.indexOf(boxOf(here()));
      if (to < 0) return toggle();
      const from = Math.max(0, anchor ? all.indexOf(anchor) : to);
      for (const box of all.slice(Math.min(from, to), Math.max(from, to) + 1)) box.checked = true;
      anchor = all[to];
      show();
    };
    const moveAndSelect = (step) => {
      const before = boxOf(here());
      if (before) pick(before, true);
      const now = boxOf(moveTo(step));
      if (now) pick(now, true);
      show();
    };
    const clear = () => {
      const isInBar = bar?.contains(document.activeElement);
      for (const box of boxes()) box.checked = false;
      anchor = null;
      show();
      if (isInBar) last?.focus();
    };
    list.addEventListener("focusin", () => {
      last = here() ?? last;
    });

    /* ---- decisions: one goes at once, more are shown first ---- */
    const approve = () => {
      if (!form || performance.now() - loadedAt < READING_MS) return;
      if (!picked().length) {
        say("Nothing is selected. Press X to select, or Enter to open.");
        return;
      }
      form.requestSubmit(bar.querySelector("[data-approve]"));
    };
    const openDeny = () => {
      if (!deny) return;
      if (!picked().length) {
        say("Nothing is selected. Press X to select, or Enter to open.");
        return;
      }
      deny.open = true;
      deny.querySelector("input[type=radio]").focus();
    };

    const isTyping = (target) =>
      target instanceof Element && target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
    const keys = {
      j: () => moveTo(1),
      k: () => moveTo(-1),
      x: () => toggle(),
      a: approve,
      r: openDeny,
      J: () => moveAndSelect(1),
      K: () => moveAndSelect(-1),
      X: selectSince,
    };
    const repeats = new Set(["j", "k"]); // moving may go on while a key is held; nothing else does
    const onKey = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      if (document.querySelector("dialog[open]")) return;
      if (event.key === "Escape") {
        if (document.querySelector("[data-stopper][open]")) return;
        if (deny?.open) {
          deny.open = false;
          deny.querySelector("summary").focus();
        } else if (!isTyping(event.target)) clear();
        return;
      }
      const name = event.shiftKey ? event.key.toUpperCase() : event.key.toLowerCase();
      const action = keys[event.key.length === 1 ? name : ""];
      if (!action || isTyping(event.target)) return;
      event.preventDefault();
      event.stopImmediatePropagation(); // the console's own keys would do it twice
      if (event.repeat && !repeats.has(name)) return;
      action();
    };

    window.addEventListener("keydown", onKey, true);
    if (form) {
      list.classList.add("cs-live");
      list.addEventListener("change", (event) => {
        const box = event.target;
        if (box.matches("input[data-pick-group]")) {
          for (const item of alike(box.closest("[data-group]"))) item.checked = box.checked;
        } else if (box.matches("input[data-pick]")) anchor = box;
        else return;
        show();
      });
      form.addEventListener("submit", (event) => {
        const isApproval = event.submitter?.matches("[data-approve]");
        if (form.dataset.sent) return event.preventDefault();
        form.action = isApproval && picked().length === 1 ? form.dataset.decide : form.dataset.confirm;
        form.dataset.sent = "1";
        bar.setAttribute("aria-busy", "true");
      });
      bar.querySelector("[data-clear]").addEventListener("click", clear);
      window.addEventListener("pageshow", () => {
        delete form.dataset.sent;
        bar.removeAttribute("aria-busy");
        show(); // a browser that goes back keeps what was ticked
        say("");
      });
      show();
      say("");
    }
  };

  document.addEventListener("DOMContentLoaded", start);
})();
