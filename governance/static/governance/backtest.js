/* Progress of a backtest: asks how far it is, and loads the page anew when it has ended. Without it, reload by hand. */
(() => {
  "use strict";

  const PAUSE_MS = 700;
  const OPEN = ["waiting", "running"];

  for (const box of document.querySelectorAll("[data-backtest]")) {
    const bar = box.querySelector("progress");
    const words = box.querySelector("[data-words]");
    const look = async () => {
      try {
        const answer = await fetch(box.dataset.backtest, { headers: { Accept: "application/json" } });
        const { state, done, total } = await answer.json();
        if (!OPEN.includes(state)) {
          window.location.reload();
          return;
        }
        if (total !== null) {
          bar.max = Math.max(total, 1);
          bar.value = done;
          words.textContent = `${done.toLocaleString("en")} of ${total.toLocaleString("en")} requests`;
        }
      } catch {
        words.textContent = "The connection was lost; trying again.";
      }
      window.setTimeout(look, PAUSE_MS);
    };
    window.setTimeout(look, PAUSE_MS);
  }
})();
