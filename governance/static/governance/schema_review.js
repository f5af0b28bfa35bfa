/* The schema review: choosing many fields, by mouse or keyboard, and waiting for a sync. Without it the form still works. */
(() => {
  "use strict";

  const PAUSE_MS = 800;
  const WORDS = { waiting: "A worker takes it up in a moment.", asking: "Asking the CRM for its schema.", comparing: "Comparing it with the registry." };
  const STEPS = Object.keys(WORDS);

  for (const box of document.querySelectorAll("[data-sync]")) {
    const look = async () => {
      try {
        const answer = await fetch(box.dataset.sync, { headers: { Accept: "application/json" } });
        const { state, is_open: isOpen } = await answer.json();
        if (!isOpen) {
          window.location.reload();
          return;
        }
        box.querySelector("progress").value = STEPS.indexOf(state);
        box.querySelector("[data-words]").textContent = WORDS[state];
      } catch {
        box.querySelector("[data-words]").textContent = "The connection was lost; trying again.";
      }
      window.setTimeout(look, PAUSE_MS);
    };
    window.setTimeout(look, PAUSE_MS);
  }

  const form = document.querySelector("[data-review]");
  const every = form?.querySelector("[data-every]");
  if (!every) return;
  const ticks = [...form.querySelectorAll("[name=field]")];
  const all = form.querySelector("[data-all]");
  const show = () => {
    const count = ticks.filter((tick) => tick.checked).length;
    for (const tick of ticks) tick.closest("tr").classList.toggle("cs-chosen", tick.checked);
    every.checked = count === ticks.length;
    every.indeterminate = count > 0 && count < ticks.length;
    form.querySelector("[data-count]").textContent = all?.checked ? "Everything that matches" : count ? `${count} chosen` : "Choose fields";
  };
  every.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = every.checked;
    show();
  });
  form.addEventListener("change", show);
  const move = (step) => {
    const now = ticks.indexOf(document.activeElement);
    ticks[Math.min(Math.max(now + step, 0), ticks.length - 1)].focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select, textarea, input:not([type=checkbox])")) return;
    const key = event.key.toLowerCase();
    if (key === "j") move(1);
    else if (key === "k") move(-1);
    else if (key === "x" && ticks.includes(document.activeElement)) document.activeElement.click();
    else return;
    event.preventDefault();
  });
  show();
})();
