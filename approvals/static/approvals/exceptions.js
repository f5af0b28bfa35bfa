/* Keys of the exception queue: X ticks the row, O owns, C goes to closing, U goes back. Every page works without it. */
(() => {
  "use strict";

  const isTyping = (target) => target instanceof Element && target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select");
  const ticks = () => [...document.querySelectorAll("[data-tick]")];
  const row = () => document.activeElement?.closest?.("[data-row]");

  const showTicked = () => {
    const place = document.querySelector("[data-ticked]");
    if (!place) return;
    const count = ticks().filter((box) => box.checked).length;
    place.textContent = count ? `${count} ticked` : "Tick all";
  };
  const tick = () => {
    const box = row()?.querySelector("[data-tick]");
    if (!box) return;
    box.checked = !box.checked;
    showTicked();
  };
  const own = () => {
    const here = row()?.querySelector("[data-tick]");
    if (here && !ticks().some((box) => box.checked)) here.checked = true;
    const button = document.querySelector("[data-own]");
    button?.form.requestSubmit(button);
  };
  const close = () => document.querySelector("[data-close]")?.focus();
  const up = () => {
    const page = document.querySelector("[data-up]");
    if (page) window.location.assign(page.dataset.up);
  };
  const deeds = { x: tick, o: own, c: close, u: up };

  document.addEventListener("keydown", (event) => {
    const deed = deeds[event.key.toLowerCase()];
    const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing && !event.repeat;
    if (!deed || !isPlain || isTyping(event.target) || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    deed();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-tick-all]")) for (const box of ticks()) box.checked = event.target.checked;
    showTicked();
  });
})();
